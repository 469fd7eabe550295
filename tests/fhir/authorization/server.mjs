// An authorization server for SMART App Launch over oidc-provider, on the loopback port that it is given: it knows one public
// client, and signs in whoever names a patient's id. It prints "READY <issuer>" when it answers.
import { Provider } from 'oidc-provider';

const port = Number(process.argv[2]);
const issuer = `http://127.0.0.1:${port}`;
const writes = ['MedicationAdministration', 'Observation', 'QuestionnaireResponse', 'Communication', 'DocumentReference'];
const scopes = [
  'openid', 'fhirUser', 'offline_access', 'launch/patient', 'patient/*.rs', 'patient/Provenance.cu',
  ...writes.map((type) => `patient/${type}.cu`),
];

const provider = new Provider(issuer, {
  clients: [{
    client_id: 'homeline-app',
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    redirect_uris: ['org.homeline.app:/signed-in', 'http://127.0.0.1/signed-in'],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
  }],
  scopes,
  claims: { openid: ['sub'], fhirUser: ['fhirUser'] },
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  rotateRefreshToken: true,
  ttl: { AccessToken: 60, AuthorizationCode: 60, IdToken: 3600, RefreshToken: 86400, Grant: 86400, Session: 86400, Interaction: 600 },
  issueRefreshToken: async (context, client, code) => code.scopes.has('offline_access'),
  findAccount: (context, id) => ({ accountId: id, claims: () => ({ sub: id, fhirUser: `Patient/${id}` }) }),
  extraTokenClaims: (context, token) => ({ patient: token.accountId }),
  features: { devInteractions: { enabled: true }, revocation: { enabled: true } },
});

// SMART puts the patient beside the token.
provider.use(async (context, next) => {
  await next();
  if (context.path === '/token' && context.status === 200 && context.body?.access_token) {
    context.body.patient = context.oidc?.entities?.Account?.accountId;
  }
});
provider.listen(port, '127.0.0.1', () => console.log(`READY ${issuer}`));
