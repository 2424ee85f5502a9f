// The root page's script: mints a pixel with the token from the address's fragment (or the field), looks at it,
// and reads its opens back. A fragment never leaves the browser; it is taken off the address at once.

const byId = (id) => document.getElementById(id);
const tokenField = byId('token');
const message = byId('message');
let code = '';

const given = new URLSearchParams(location.hash.slice(1)).get('token');
if (given) {
  tokenField.value = given;
  history.replaceState(null, '', location.pathname);
}
byId('token-field').hidden = Boolean(given) || document.body.dataset.apiAuth === 'none';
for (const place of document.querySelectorAll('[data-api-url]'))
  place.textContent = location.origin;

/** What the API answers at `path`; throws what it says is wrong. */
async function ask(path) {
  const token = tokenField.value.trim();
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  const response = await fetch(path, { headers });
  const body = await response.json();
  if (response.ok) return body;
  if (response.status === 401) byId('token-field').hidden = false;
  throw new Error(body.detail ?? body.title);
}

/** Runs `work` with the button out of action, and shows what went wrong, if anything. */
async function press(button, work) {
  button.disabled = true;
  message.textContent = '';
  try {
    await work();
  } catch (error) {
    message.textContent = `That did not work: ${error.message}`;
  } finally {
    button.disabled = false;
  }
}

byId('mint').addEventListener('submit', (event) => {
  event.preventDefault();
  void press(event.submitter, async () => {
    const minted = await ask('/v1/api/gen-image');
    code = minted.unique_code;
    byId('image-url').textContent = minted.image_url;
    for (const place of document.querySelectorAll('[data-code]')) place.textContent = code;
    byId('minted').hidden = false;
    await showOpens();
  });
});

byId('look').addEventListener('click', (event) => {
  void press(event.currentTarget, async () => {
    const image = new Image();
    // A document asks for an address once, whatever the answer says of caching; a query makes it another.
    image.src = `${byId('image-url').textContent}?${Date.now()}`;
    try {
      await image.decode();
    } catch {
      throw new Error('the image did not load');
    }
    await showOpens();
  });
});

async function showOpens() {
  const info = await ask(`/v1/api/info/${code}?limit=10`);
  byId('opens').textContent =
    `Opened ${info.total_opens} ${info.total_opens === 1 ? 'time' : 'times'}`;
  byId('hits').hidden = info.timeseries_data.length === 0;
  const rows = info.timeseries_data.toReversed().map((hit) => {
    const row = document.createElement('tr');
    const opened = new Date(hit.time_stamp).toLocaleString();
    for (const text of [opened, hit.ip_address || '–', hit.user_agent ?? '–']) {
      row.append(Object.assign(document.createElement('td'), { textContent: text }));
    }
    return row;
  });
  byId('hits').tBodies[0].replaceChildren(...rows);
}
