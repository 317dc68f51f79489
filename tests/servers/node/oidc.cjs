// oidc-provider with client credentials and tokens of three seconds, and an API whose every request it is asked about.
// GET /record tells what has arrived; POST /forget makes all tokens invalid.
const http = require('node:http');
const { Provider } = require('oidc-provider');

const record = { grants: 0, refused: 0, served: 0, rejected: 0 };
const revoked = new Set();
const issued = new Set();

const server = http.createServer();
server.listen(0, '127.0.0.1', () => {
  const url = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(url, {
    clients: [{
      client_id: 'app',
      client_secret: 'not-a-real-secret',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      token_endpoint_auth_method: 'client_secret_basic',
    }],
    scopes: ['read'],
    features: { clientCredentials: { enabled: true }, devInteractions: { enabled: false } },
    ttl: { ClientCredentials: () => 3 },
  });
  provider.on('grant.success', () => { record.grants += 1; });
  provider.on('grant.error', () => { record.refused += 1; });
  provider.on('client_credentials.saved', (token) => { issued.add(token.jti); });
  const authority = provider.callback();

  const answer = (response, status, body) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  server.on('request', async (request, response) => {
    if (request.url === '/record') return answer(response, 200, record);
    if (request.url === '/forget') {
      issued.forEach((id) => revoked.add(id));
      return answer(response, 200, {});
    }
    if (request.url !== '/thing') return authority(request, response);
    const given = (request.headers.authorization || '').replace(/^Bearer /, '');
    const token = await provider.ClientCredentials.find(given);
    if (token && token.isValid && !revoked.has(token.jti)) {
      record.served += 1;
      return answer(response, 200, { id: 1 });
    }
    record.rejected += 1;
    return answer(response, 401, { error: 'invalid_token' });
  });
  console.log(`listening on ${url}`);
});
