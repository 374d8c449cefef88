"""The menu of the account pages, grouped as a person would look for them."""

from typing import Any

from django import template
from django.urls import reverse

register = template.Library()

# Group, then label and URL name.
MENU = {
    "You": [
        ("Overview", "accounts:home"),
        ("Profile", "accounts:edit_profile"),
        ("Profession", "discussion:credential"),
        ("Your posts", "discussion:manage"),
        ("Mail", "discussion:mail"),
    ],
    "Logging in": [
        ("E-mail address", "account_email"),
        ("Password", "account_change_password"),
        ("Two-step log-in", "mfa_index"),
        ("Where you are logged in", "usersessions_list"),
    ],
    "Your data": [
        ("Save a copy or delete", "accounts:data"),
    ],
}


@register.inclusion_tag("accounts/_menu.html", takes_context=True)
def account_menu(context: dict[str, Any]) -> dict[str, Any]:
    path = context["request"].path
    groups = [
        (title, [(label, reverse(name)) for label, name in entries])
        for title, entries in MENU.items()
    ]
    here = [url for _, entries in groups for _, url in entries if path.startswith(url)]
    return {"groups": groups, "here": max(here, key=len, default="")}
