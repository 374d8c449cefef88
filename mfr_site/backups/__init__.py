"""One file that holds a whole site as it was at one moment: its database and pictures.

Keys are not in it: neither the signing key (it opens every log-in and post key) nor the
day's (it is never on a disk). Nor is what is on its way: sessions, mails and what is to be told by mail, kept pages.
"""
