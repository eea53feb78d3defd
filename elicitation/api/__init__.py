"""What a phone's queue and other clients send and ask for; the pages do the same with forms.

A seat is shown by the cookie that a page set, or by `Authorization: Seat TOKEN` with the token that
joining gave. Every refusal has one shape: {"error": sentence, "field": where, "code": word}.
"""
