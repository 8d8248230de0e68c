// Where a network is granted: how long a scan of it takes, said while it is entered.
import { find } from './dom.js';
import { t } from './i18n.js';

/** This will count the addresses of 192.168.1.0/24, or of one host; NaN while it is neither. */
function addressesIn(network) {
  const [host, prefix] = network.trim().split('/');
  const bits = host.includes(':') ? 128 : 32;
  const isHost = /^[\da-f:]*[.:][\da-f.:]+$/i.test(host);
  if (!isHost || (prefix !== undefined && !/^\d{1,3}$/.test(prefix))) return Number.NaN;
  const count = 2 ** (bits - Number(prefix ?? bits));
  return count > 1024 || count < 1 ? Number.NaN : Math.max(count - 2, 1);
}

/** This will say how long a scan takes; empty while that cannot be told. */
export function scanTime(network, ports, { perSecond, usualPorts, longest }) {
  const named = new Set(ports.split(/[\s,]+/).filter(Boolean));
  const minutes = (addressesIn(network) * (named.size || Number(usualPorts))) / Number(perSecond) / 60;
  if (Number.isNaN(minutes)) return '';
  if (minutes <= 1) return t('A scan of it takes at most a minute.');
  const told = { minutes: Math.ceil(minutes), longest };
  if (minutes <= Number(longest)) return t('A scan of it takes about {minutes} minutes.', told);
  return t('All of it takes about {minutes} minutes, and a scan ends after {longest}: likely ports and hosts that answer come first, the rest in later scans.', told);
}

export function installScanTime() {
  const shown = find('[data-scan-time]');
  if (!shown) return;
  const form = shown.closest('form');
  const general = shown.textContent;
  const tell = () => {
    shown.textContent = scanTime(form.elements.cidr.value, form.elements.ports.value, shown.dataset) || general;
  };
  form.addEventListener('input', tell);
  tell();
}
