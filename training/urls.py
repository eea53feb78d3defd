"""Pages about datasets, training runs and their reports."""

from django.urls import path

from training import views

DATASETS = "constitutions/<int:pk>/<int:number>/datasets/"
SNAPSHOT = "snapshots/<str:name>/"
RUN = "runs/<int:pk>/"

urlpatterns = [
    path(DATASETS, views.datasets, name="datasets"),
    path(DATASETS + "freeze/", views.freeze, name="freeze"),
    path(DATASETS + "work/<int:work>/", views.freeze_progress, name="freeze-progress"),
    path(SNAPSHOT, views.snapshot, name="snapshot"),
    path(SNAPSHOT + "rows/<str:row>/", views.row, name="row"),
    path(SNAPSHOT + "export/", views.export, name="export-snapshot"),
    path(SNAPSHOT + "start/", views.start_run, name="start-run"),
    path("workshops/<slug:slug>/trace/", views.trace_person, name="trace-participant"),
    path("runs/", views.runs, name="runs"),
    path(RUN, views.run, name="training-run"),
    path(RUN + "work/<int:work>/", views.run_progress, name="training-run-progress"),
    path(RUN + "cancel/", views.cancel_run, name="cancel-run"),
    path(RUN + "continue/", views.continue_run, name="continue-run"),
    path(RUN + "report/", views.report, name="report"),
    path(RUN + "report.json", views.report_json, name="report-json"),
]
