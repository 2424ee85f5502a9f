// What the reference does beyond being read: finding operations, and asking them. It talks to its own server only.
const token = document.getElementById('token');
const filter = document.getElementById('filter');
const SHOWN_CHARACTERS_MAX = 200_000;

filter.addEventListener('input', () => {
  const words = filter.value.toLowerCase().split(/\s+/);
  let some = false;
  for (const chapter of document.querySelectorAll('#contents > li')) {
    let any = false;
    for (const item of chapter.querySelectorAll('li')) {
      const text = item.textContent.toLowerCase() + item.firstChild.hash.toLowerCase();
      item.hidden = !words.every((word) => text.includes(word));
      any ||= !item.hidden;
    }
    chapter.hidden = !any;
    some ||= any;
  }
  document.getElementById('nothing').hidden = some;
});

if (document.body.dataset.auth === 'none') {
  document.getElementById('who').textContent = 'This server asks nobody: no token is needed.';
} else {
  // Not before somebody wants to ask something.
  addEventListener('toggle', () => void tellWho(), { capture: true, once: true });
}

/** Whoever signed in to the dashboard need not look for a token. */
async function tellWho() {
  const reply = await fetch('session').catch(() => null);
  if (reply?.ok) {
    const { name, scopes } = await reply.json();
    document.getElementById('who').textContent =
      `Signed in as ${name} (${scopes.join(', ')}). A token here is used instead.`;
  }
}

document.getElementById('access').addEventListener('submit', (event) => event.preventDefault());
for (const form of document.querySelectorAll('.try form')) {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void ask(form);
  });
  form.querySelector('[data-copy]').addEventListener('click', () => void copy(form));
}

/** What the form asks: the proxy in front of the server may have put it below a path of its own. */
function requestOf(form) {
  let path = form.dataset.path;
  const query = new URLSearchParams();
  const headers = {};
  let body;
  for (const field of form.elements) {
    const { name, value, dataset } = field;
    if (dataset.place === 'path') path = path.replace(`{${name}}`, encodeURIComponent(value));
    else if (dataset.place === 'body') body = value.trim() === '' ? undefined : value;
    else if (value === '') continue;
    else if (dataset.place === 'header') headers[name] = value;
    else if (dataset.place === 'query') {
      const values = 'list' in dataset ? value.split('\n') : [value];
      for (const each of values) query.append(name, each);
    }
  }
  const text = query.toString();
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (token.value !== '') headers.authorization = `Bearer ${token.value}`;
  const url = new URL(`..${path}${text === '' ? '' : `?${text}`}`, document.baseURI);
  return { url, method: form.dataset.method, headers, body };
}

async function ask(form) {
  const { url, ...request } = requestOf(form);
  if ('changes' in form.dataset && !confirm(`${request.method} ${url.pathname}: really do this?`))
    return;
  const outcome = form.parentElement.querySelector('.outcome');
  const result = form.parentElement.querySelector('.result');
  const stop = form.querySelector('[data-stop]');
  const stopping = new AbortController();
  stop.addEventListener('click', () => stopping.abort(), { signal: stopping.signal });
  stop.hidden = false;
  result.hidden = true;
  outcome.className = 'outcome';
  outcome.textContent = 'Asking …';
  const began = performance.now();
  try {
    const reply = await fetch(url, { ...request, signal: stopping.signal });
    const time = Math.round(performance.now() - began);
    outcome.classList.toggle('bad', !reply.ok);
    outcome.textContent = `${reply.status} ${reply.statusText} after ${time} ms`;
    await show(reply, result);
  } catch (error) {
    if (error.name !== 'AbortError') {
      outcome.classList.add('bad');
      outcome.textContent = `No answer: ${error.message}`;
    }
  } finally {
    stopping.abort();
    stop.hidden = true;
  }
}

/** As it comes, since an event stream never ends; as text whatever it is. */
async function show(reply, result) {
  let text = '';
  result.textContent = '';
  if (reply.body === null) return;
  const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    text += value;
    result.hidden = false;
    result.textContent = text;
    if (text.length > SHOWN_CHARACTERS_MAX) {
      await reader.cancel();
      result.textContent = `${text.slice(0, SHOWN_CHARACTERS_MAX)}\n… and more`;
      return;
    }
  }
  if (/^application\/(problem\+)?json/.test(reply.headers.get('content-type') ?? '')) {
    result.textContent = JSON.stringify(JSON.parse(text), null, 2);
  }
}

async function copy(form) {
  const { url, method, headers, body } = requestOf(form);
  const quote = (text) => `'${text.replaceAll("'", String.raw`'\''`)}'`;
  const words = ['curl', method === 'GET' ? '' : `-X ${method}`];
  // The token itself would end up in a shell's history.
  if (headers.authorization !== undefined) headers.authorization = 'Bearer TOKEN';
  for (const [name, value] of Object.entries(headers)) words.push('-H', quote(`${name}: ${value}`));
  if (body !== undefined) words.push('-d', quote(body));
  words.push(quote(url.href));
  const command = words.filter((word) => word !== '').join(' ');
  const outcome = form.parentElement.querySelector('.outcome');
  try {
    await navigator.clipboard.writeText(command);
    outcome.textContent = 'Copied.';
  } catch {
    // Over http on another machine browsers give no clipboard.
    const result = form.parentElement.querySelector('.result');
    outcome.textContent = 'This browser gives no clipboard here; copy it from below:';
    result.textContent = command;
    result.hidden = false;
  }
}
