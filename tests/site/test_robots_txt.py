def test_it_names_the_sitemap_by_the_address_of_the_site(client, settings):
    settings.SITE_URL = "https://fascia.example"
    response = client.get("/robots.txt")
    assert response["Content-Type"].startswith("text/plain")
    assert "Sitemap: https://fascia.example/sitemap.xml" in response.content.decode()


def test_articles_and_profiles_are_not_forbidden(client):
    # Profiles say noindex themselves; a robot kept out could not read that (TRUST §4.4).
    text = client.get("/robots.txt").content.decode()
    assert "/articles/" not in text
    assert "/members/" not in text
