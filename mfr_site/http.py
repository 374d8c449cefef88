"""Answers that Django has no name for."""

from django.http import HttpResponseRedirect


class SeeOther(HttpResponseRedirect):
    """After a POST: go and GET this (RFC 9110 §15.4.4). A reload then sends nothing."""

    status_code = 303
