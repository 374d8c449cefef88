def test_it_names_the_sitemap_by_the_address_of_the_site(client, settings):
    settings.SITE_URL = "https://fascia.example"
    response = client.get("/robots.txt")
    assert response["Content-Type"].startswith("text/plain")
    assert "Sitemap: https://fascia.example/sitemap.xml" in response.content.decode()


def test_only_admin_is_forbidden(client):
    # A robot that is kept out could not read that a page says noindex (TRUST §4.4).
    lines = client.get("/robots.txt").content.decode().splitlines()
    assert [line for line in lines if line.startswith("Disallow")] == [
        "Disallow: /admin/"
    ]
