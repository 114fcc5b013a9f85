from pathlib import Path

from deploy import site
from deploy.site import Site


def test_settings_of_ones_own_have_the_last_word(tmp_path: Path):
    here = Site(home=tmp_path, base_port=21000, secrets=site.keep_secrets(tmp_path), database_port=21000)
    (tmp_path / "own.env").write_text(
        "# ours\n\nHUB_ALERT_URLS=json://127.0.0.1:9/\nHUB_CONN_FIRE=http://a:b@fire.example/\n"
    )
    given = site.hub_environment(here)
    assert given["HUB_ALERT_URLS"] == "json://127.0.0.1:9/"
    assert given["HUB_CONN_FIRE"] == "http://a:b@fire.example/"
    assert given["HUB_CONN_GAS"].startswith("http://hub_gas:")
