"""Puts the resources of a plan on a FHIR server: load_plan.py BASE CA TOKEN BUNDLE."""
import json
import ssl
import sys
import urllib.request

base, authority, token, bundle = sys.argv[1:]
with open(bundle, encoding="utf-8") as file:
    resources = [entry["resource"] for entry in json.load(file)["entry"]]
entries = [
    {"resource": it, "request": {"method": "PUT", "url": f"{it['resourceType']}/{it['id']}"}} for it in resources
]
other = {"resourceType": "Patient", "id": "somebody-else"}
entries.append({"resource": other, "request": {"method": "PUT", "url": "Patient/somebody-else"}})
request = urllib.request.Request(
    base,
    json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries}).encode(),
    {"Content-Type": "application/fhir+json", "Authorization": f"Bearer {token}"},
)
with urllib.request.urlopen(request, context=ssl.create_default_context(cafile=authority)) as answer:
    print(answer.status, len(entries))
