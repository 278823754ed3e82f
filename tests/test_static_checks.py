"""Each static check is seen to fail on a planted fault; a check that cannot fail is worse than none."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys

import pytest

from tests import check, secret_scan

FAULTS = {
    "S105": "pass" + "word = 'correct-horse'\n",
    "S301": "import pickle\n\npickle.loads(b'')\n",
    "S307": "eval(input())\n",
    "S324": "import hashlib\n\nhashlib.md5(b'')\n",
    "S403": "import pickle\n",
    "S405": "import xml.etree.ElementTree\n",
    "S501": "import httpx\n\nhttpx.get('https://x.test', verify=False)\n",
    "S602": "import subprocess\n\nsubprocess.run(input(), shell=True)\n",
    "S608": "def find(name: str) -> str:\n    return f\"SELECT * FROM person WHERE name = '{name}'\"\n",
    "S308": "from django.utils.safestring import mark_safe\n\nmark_safe(input())\n",
    "PLE2502": 'x = "\u202e"\n',
}
# In halves, so that this file is not found itself.
SECRETS = {
    "an AWS key": 'key = "AKIA' + 'IOSFODNN7EXAMPLF"\n',
    "a private key": "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIE\n",
    "a phrase": "pass" + "word = 'Tr0ub4dor&3-horse'\n",
    "an address with a login": "postgresql://nwd:" + "s3cr3tw0rd@db.test/nowrongdoor\n",
}


@pytest.mark.parametrize("rule", FAULTS)
def test_a_planted_weakness_is_found(rule: str, tmp_path: pathlib.Path) -> None:
    (tmp_path / "planted.py").write_text(FAULTS[rule])
    config = str(check.ROOT / "pyproject.toml")
    ruff = [str(check.BIN / "ruff"), "check", "--config", config, "--output-format", "json", str(tmp_path)]
    done = subprocess.run(ruff, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert rule in {each["code"] for each in json.loads(done.stdout)}, done.stdout


@pytest.mark.parametrize("what", SECRETS)
def test_a_planted_secret_is_found(what: str, tmp_path: pathlib.Path) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text(SECRETS[what])
    scan = [sys.executable, str(check.ROOT / "tests" / "secret_scan.py"), str(planted)]
    done = subprocess.run(scan, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "take it out" in done.stdout
    planted.write_text("x = 1\n")
    assert subprocess.run(scan, check=False).returncode == 0


def test_what_is_known_to_be_no_secret_has_its_reason() -> None:
    assert all(len(reason) > 10 for reason in secret_scan.KNOWN.values())
