"""Usage: fetch_resources.py BASE FOLDER REQUIRED_TYPE...

Writes every resource that a FHIR server holds into FOLDER, one file each. Fails when there is none of a REQUIRED_TYPE.
"""

import json
import pathlib
import sys
import urllib.request

# What Homeline sends; see core/fhir.
SENT = [
    "MedicationAdministration", "Observation", "Communication", "QuestionnaireResponse", "DocumentReference", "Media",
    "Procedure", "Provenance", "DeviceUseStatement", "SupplyRequest", "AppointmentResponse", "Device",
]

base, folder, required = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3:]
folder.mkdir(parents=True)


def read(url):
    # A server may answer a repeated search from memory.
    request = urllib.request.Request(url, headers={"Accept": "application/fhir+json", "Cache-Control": "no-cache"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


counts = {}
for kind in SENT:
    url = f"{base}/{kind}?_count=200"
    while url:
        page = read(url)
        for entry in page.get("entry", []):
            resource = entry["resource"]
            counts[kind] = counts.get(kind, 0) + 1
            (folder / f"{kind}-{resource['id']}.json").write_text(json.dumps(resource))
        url = next((link["url"] for link in page.get("link", []) if link["relation"] == "next"), None)
print(counts)
absent = [kind for kind in required if kind not in counts]
if absent:
    sys.exit(f"the server holds no {', no '.join(absent)}")
