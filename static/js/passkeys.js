// Shows what works only with a script and a browser that knows passkeys (allauth does the rest).
if (window.PublicKeyCredential) document.getElementById("passkey").hidden = false;
