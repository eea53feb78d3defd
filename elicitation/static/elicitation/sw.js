// Keeps participants' pages for when there is no connection: fresh ones first, the kept one where the
// network is gone, slow or broken. Only what there is to do and pages to answer on: no codes, no data
// of one's own, nothing of the API; and one seat's pages never outlive that seat.
"use strict";

const ASSETS = "folkmoot assets";
const PATIENCE = 4000;
const HASHED = /\.[0-9a-f]{12}(\.\w+)$/;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  const isPage = request.mode === "navigate" && slugOf(url) !== null;
  if (isPage && request.method === "GET") event.respondWith(page(event, url));
  else if (isPage && /^\/w\/[^/]+\/(stop|you)\//.test(url.pathname)) event.respondWith(leaving(request, url));
  else if (request.method === "GET" && url.pathname.startsWith("/static/")) event.respondWith(asset(event, url));
});

// The first page of all was loaded before there was anybody to keep it.
self.addEventListener("message", (event) => {
  if (!event.data || !event.data.page) return;
  const url = new URL(event.data.page);
  if (url.origin !== location.origin || slugOf(url) === null) return;
  event.waitUntil(fetch(url, { credentials: "same-origin" }).then((response) => keep(url, response)));
  event.waitUntil(Promise.all(event.data.assets.map((one) => keepAsset(new URL(one)))));
});

function slugOf(url) {
  const found = /^\/w\/([^/]+)\//.exec(url.pathname);
  return found && found[1];
}

async function page(event, url) {
  const fresh = fetch(event.request);
  event.waitUntil(fresh.then((response) => keep(url, response.clone())).catch(() => {}));
  const kept = await keptPage(url);
  if (!kept) return fresh.catch(() => homeInstead(url));
  const late = new Promise((resolve) => { setTimeout(() => resolve(kept), PATIENCE); });
  return Promise.race([fresh.then((response) => (response.status >= 500 ? kept : response)), late]).catch(() => kept);
}

// Another page was asked for than was kept: what there is to do leads on.
async function homeInstead(url) {
  const home = new URL(`/w/${slugOf(url)}/`, url);
  return (await keptPage(home)) ? Response.redirect(home) : Response.error();
}

async function cachesOf(url) {
  const names = await caches.keys();
  return names.filter((name) => name.startsWith(`folkmoot pages ${slugOf(url)} `));
}

async function keptPage(url) {
  for (const name of await cachesOf(url)) {
    const found = await (await caches.open(name)).match(url.origin + url.pathname);
    if (found) return found;
  }
  return undefined;
}

async function forget(url, except) {
  const names = await cachesOf(url);
  await Promise.all(names.filter((name) => name !== except).map((name) => caches.delete(name)));
}

async function keep(url, response) {
  if (response.type === "opaqueredirect" || response.redirected) return stillKnown(url);
  if (response.status === 403) return forget(url);
  if (response.status !== 200) return undefined;
  const text = await response.text();
  const seat = /<body[^>]* data-seat="(\d+)"/.exec(text);
  const isHome = url.pathname.split("/").length === 4;
  if (!seat || url.search || !(isHome || /data-(answer|items)[\s>]/.test(text))) return undefined;
  const name = `folkmoot pages ${slugOf(url)} ${seat[1]}`;
  await forget(url, name);
  const headers = new Headers(response.headers);
  ["Content-Encoding", "Content-Length"].forEach((one) => headers.delete(one));
  const kept = new Response(text.replace("<body ", "<body data-kept "), { headers });
  return (await caches.open(name)).put(url.origin + url.pathname, kept);
}

// A redirect does not tell where it leads; the pulse says whether this browser still has a seat.
async function stillKnown(url) {
  const asked = await fetch(`/api/w/${slugOf(url)}/pulse/`, { credentials: "same-origin", cache: "no-store" });
  return asked.status === 403 ? forget(url) : undefined;
}

async function leaving(request, url) {
  const response = await fetch(request);
  await forget(url);
  return response;
}

async function asset(event, url) {
  const kept = await caches.match(url.href, { cacheName: ASSETS });
  if (kept && HASHED.test(url.pathname)) return kept;
  try {
    const fresh = await fetch(event.request);
    if (fresh.ok) event.waitUntil(putAsset(url, fresh.clone()));
    return fresh;
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}

async function keepAsset(url) {
  const response = await fetch(url);
  return response.ok ? putAsset(url, response) : undefined;
}

// A file's older version goes when the newer one comes.
async function putAsset(url, response) {
  const cache = await caches.open(ASSETS);
  const older = (await cache.keys()).filter((one) => one.url !== url.href && one.url.replace(HASHED, "$1") === url.href.replace(HASHED, "$1"));
  await Promise.all(older.map((one) => cache.delete(one)));
  return cache.put(url.href, response);
}
