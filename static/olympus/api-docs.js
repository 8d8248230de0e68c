// Starts Swagger UI or Redoc on its page.

function startSwagger(place) {
  const token = document.querySelector('meta[name="csrf-token"]').content;
  window.SwaggerUIBundle({
    url: place.dataset.schema,
    domNode: place,
    deepLinking: true,
    docExpansion: 'none',
    filter: true,
    tryItOutEnabled: true,
    validatorUrl: null,
    presets: [window.SwaggerUIBundle.presets.apis],
    layout: 'BaseLayout',
    requestInterceptor(request) {
      // The token is for our own address and nobody else's.
      if (request.method !== 'GET' && new URL(request.url, location.href).origin === location.origin) {
        request.headers['X-CSRFToken'] = token;
      }
      return request;
    },
  });
}

// Redoc would fetch its makers' picture; no page of ours asks another host for anything.
function keepPicturesHome() {
  const set = HTMLImageElement.prototype.setAttribute;
  HTMLImageElement.prototype.setAttribute = function setAttribute(name, value) {
    const isAway = name === 'src' && new URL(value, location.href).origin !== location.origin;
    if (!isAway) set.call(this, name, value);
  };
}

function startRedoc(place) {
  keepPicturesHome();
  window.Redoc.init(place.dataset.schema, { hideDownloadButtons: true, nativeScrollbars: true }, place);
}

const swagger = document.getElementById('swagger');
const redoc = document.getElementById('redoc');
if (swagger) startSwagger(swagger);
if (redoc) startRedoc(redoc);
