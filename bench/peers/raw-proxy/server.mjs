import { createServer } from 'node:http';
import { Pool } from 'undici';

/**
 * What the same upstream calls cost at least in Node: no GraphQL, no look into a body.
 * Answers what the upstream answers; several bodies are put one behind the other.
 */

const { PORT, UPSTREAM, PROJECT_ID, NOTEBOOK_ID, IMAGE_IDS } = process.env;
const pool = new Pool(UPSTREAM, { connections: 64, pipelining: 1 });
const base = `/v1/${PROJECT_ID}`;
const imagePaths = IMAGE_IDS.split(',').map((id) => `${base}/images/${id}`);

/** Upstream calls of each workload: the first list, then what hangs on it. */
const plans = {
  '/W1': [[`${base}/notebooks/${NOTEBOOK_ID}`]],
  '/W2': [[`${base}/notebooks?offset=0&limit=50`], [`${base}/notebooks/flavors`, ...imagePaths]],
  '/W3': [[`${base}/images?offset=0&limit=200`]],
};

/** One upstream call; `onEnd` gets the chunks of its body, or null. */
function read(path, token, onEnd) {
  const chunks = [];
  let status = 0;
  pool.dispatch(
    { path, method: 'GET', headers: { 'x-auth-token': token, accept: 'application/json' } },
    {
      onConnect() {},
      onHeaders(code) {
        status = code;
        return true;
      },
      onData(chunk) {
        chunks.push(chunk);
        return true;
      },
      onComplete: () => onEnd(status === 200 ? chunks : null),
      onError: () => onEnd(null),
    },
  );
}

function answer(response, chunks) {
  const body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
  response.end(body);
}

/** Makes the calls of `plan`, stage after stage, each stage at once. */
function run(plan, token, response) {
  const bodies = [];
  const stage = (index) => {
    const paths = plan[index];
    let left = paths.length;
    for (const path of paths) {
      read(path, token, (chunks) => {
        if (chunks === null) {
          if (!response.headersSent) response.writeHead(502);
          response.end();
          return;
        }
        bodies.push(...chunks);
        left -= 1;
        if (left > 0) return;
        if (index + 1 < plan.length) stage(index + 1);
        else answer(response, bodies);
      });
    }
  };
  stage(0);
}

const typename = [Buffer.from('{"data":{"__typename":"Query"}}')];

/** The body is taken like any proxy takes it, and not looked into: the path says what to do. */
createServer((request, response) => {
  request.on('data', () => {});
  request.on('end', () => route(request, response));
}).listen(Number(PORT), '127.0.0.1');

function route(request, response) {
  const plan = plans[request.url];
  if (plan !== undefined) return run(plan, request.headers['x-auth-token'] ?? '', response);
  if (request.url === '/W4') return answer(response, typename);
  response.writeHead(404).end();
}
