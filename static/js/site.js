// Conveniences only: everything works without them. One module per behaviour, joined when static
// files are collected (mfr_site/static_storage.py).
import "./composer.js";
import "./reply_in_place.js";
import "./quote_selection.js";
import "./key_from_address.js";
