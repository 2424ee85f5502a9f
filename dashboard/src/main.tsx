// Where the dashboard begins.

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { takeLinkedToken } from './api/session.ts';
import { App } from './app.tsx';
import { applyTheme, rememberedTheme } from './frame/theme.ts';
import { findPage } from './pages.ts';
import { pathNow } from './place/location.ts';
import './style/tokens.css';
import './style/base.css';
import './style/frame.css';
import './style/parts.css';
import './style/figures.css';
import './style/forms.css';
import './style/lists.css';

applyTheme(rememberedTheme());
// Before anything else can fail: the token must not stay in the address.
const linkedToken = takeLinkedToken();
// A link that is pasted into the address of a tab which shows the dashboard already loads nothing by itself.
window.addEventListener('hashchange', () => {
  if (window.location.hash.startsWith('#token=')) window.location.reload();
});
// A tab that is older than an update of the server asks for files that are gone: get the new ones.
window.addEventListener('vite:preloadError', () => window.location.reload());

// While it is still being asked who is signed in. What cannot be loaded is said where it is shown.
findPage(pathNow())
  ?.entry.load()
  .catch(() => {});

const element = document.getElementById('app');
if (element === null) throw new Error('the page has no place for the dashboard');
createRoot(element).render(
  <StrictMode>
    <App linkedToken={linkedToken} />
  </StrictMode>,
);
