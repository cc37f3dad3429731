(function () {
  'use strict';
  var each = function (q, f) { Array.prototype.forEach.call(document.querySelectorAll(q), f); };
  var fallback = function (text) {
    var t = document.createElement('textarea'), ok = false;
    t.value = text;
    document.body.appendChild(t);
    t.select();
    try { ok = document.execCommand('copy'); } catch (e) { ok = false; }
    document.body.removeChild(t);
    return ok;
  };
  each('button[data-copy]', function (b) {
    var label = b.textContent;
    b.hidden = false;
    b.addEventListener('click', function () {
      var text = document.getElementById(b.getAttribute('data-copy')).textContent.trim();
      var done = function (ok) {
        b.textContent = ok ? 'Copied' : 'Select the text and copy it by hand';
        setTimeout(function () { b.textContent = label; }, 3000);
      };
      if (navigator.clipboard && window.isSecureContext) {
        navigator.clipboard.writeText(text).then(function () { done(true); }, function () { done(fallback(text)); });
      } else { done(fallback(text)); }
    });
  });
  var age = function () {
    each('time[data-age]', function (t) {
      var s = Math.round((Date.now() - Date.parse(t.getAttribute('datetime'))) / 1000);
      if (!(s >= 0)) { return; }
      var n = s < 120 ? s + ' s' : s < 7200 ? Math.floor(s / 60) + ' min' : s < 172800 ? Math.floor(s / 3600) + ' h' :
        Math.floor(s / 86400) + ' d';
      t.textContent = n + ' ago';
    });
  };
  age();
  setInterval(age, 10000);
  each('input[data-filter]', function (i) {
    i.parentNode.hidden = false;
    i.addEventListener('input', function () {
      var words = i.value.toLowerCase().split(/\s+/), shown = 0;
      each('details.path', function (d) {
        var text = d.querySelector('summary').textContent.toLowerCase();
        d.hidden = !words.every(function (w) { return text.indexOf(w) >= 0; });
        shown += d.hidden ? 0 : 1;
      });
      document.getElementById('shown').textContent = shown + ' shown';
    });
  });
  each('a.cell', function (a) {
    a.addEventListener('click', function () {
      var body = document.getElementById(a.getAttribute('href').slice(1));
      if (body) { body.parentNode.hidden = false; body.parentNode.open = true; }
    });
  });
  each('input[data-reload]', function (i) {
    i.parentNode.hidden = false;
    var open = function () { return document.querySelector('details[data-touched]') !== null; };
    each('summary', function (s) { s.addEventListener('click', function () { s.parentNode.setAttribute('data-touched', ''); }); });
    setInterval(function () { if (i.checked && !open()) { location.reload(); } }, 1000 * Number(i.getAttribute('data-reload')));
  });
})();
