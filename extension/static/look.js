// Runs in the page at the visitor's click, or to confirm a badge: what the page itself knows of its answer.
(() => {
  const from = performance.getEntriesByType('navigation')[0] ?? {};
  const html = /html|xml/.test(document.contentType);

  // The document as markup, or a plain text as text, up to 64 KB. `outerHTML` and `textContent` would first copy all
  // of a large document. The steps are bounded too, because empty text nodes add no length.
  function read(root, most = 65536) {
    // A form's own properties give way to its controls' names: the getters of the prototypes do not.
    const getter = (kind, name) => {
      const { get } = Object.getOwnPropertyDescriptor(kind.prototype, name);
      return (node) => get.call(node);
    };
    const [type, first, next, parent, data] = [
      getter(Node, 'nodeType'), getter(Node, 'firstChild'), getter(Node, 'nextSibling'), getter(Node, 'parentNode'),
      getter(CharacterData, 'data'),
    ];
    const [attributes, localName] = [getter(Element, 'attributes'), getter(Element, 'localName')];
    const raw = /^(script|style|xmp|iframe|noembed|noframes|noscript|plaintext)$/;
    const empty = /^(area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr)$/;
    const marks = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
    const escaped = (text, which) => text.slice(0, most).replace(which, (mark) => marks[mark]);
    const isElement = (node) => node && type(node) === 1;
    const name = (node) => (isElement(node) ? localName(node).slice(0, most) : '');
    let out = '';
    const open = (node) => {
      const kind = type(node);
      if (kind === 3 || kind === 4) {
        const asIs = !html || raw.test(name(parent(node)));
        out += asIs ? data(node).slice(0, most) : escaped(data(node), /[&<>]/g);
      } else if (html && kind === 8) {
        out += `<!--${data(node).slice(0, most)}-->`;
      } else if (html && kind === 1) {
        out += `<${name(node)}`;
        for (const attribute of attributes(node)) {
          if (out.length >= most) break;
          out += ` ${attribute.name.slice(0, most)}="${escaped(attribute.value, /[&"]/g)}"`;
        }
        out += '>';
      }
    };
    const close = (node) => {
      if (html && isElement(node) && !empty.test(name(node))) out += `</${name(node)}>`;
    };
    let node = root;
    for (let steps = 0; node && steps < most && out.length < most; steps += 1) {
      open(node);
      let following = first(node);
      while (!following && node) {
        close(node);
        following = node === root ? null : next(node);
        node = node === root ? null : parent(node);
      }
      node = following;
    }
    // Bytes are counted, as in `bounded.js`.
    return out.slice(0, new TextEncoder().encodeInto(out, new Uint8Array(most)).read);
  }

  const root = html ? document.documentElement : document.querySelector('pre');
  return {
    url: location.href,
    status: from.responseStatus,
    protocol: from.nextHopProtocol,
    ttfb: from.responseStart - from.requestStart,
    elapsed: from.responseEnd - from.requestStart,
    cached: from.deliveryType === 'cache' || (from.transferSize === 0 && from.encodedBodySize > 0),
    done: document.readyState === 'complete',
    controlled: Boolean(navigator.serviceWorker?.controller),
    body: root ? read(root) : undefined,
    born: performance.timeOrigin,
  };
})();
