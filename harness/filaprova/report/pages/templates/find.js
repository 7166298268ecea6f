/* Hides what does not match the form. Within what matches, parts that match nothing themselves are
   hidden only beside others that do. Without this script there is no form, and all is shown. */
var find = (function () {
  var form = document.querySelector('.find'), fields = form.elements;
  var output = form.querySelector('output'), clear = form.querySelector('button');
  var texts = {};
  form.hidden = false;

  function plain(text) {
    return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  }
  /* The text of an element in the chosen language, also where it is folded. */
  function textOf(element) {
    var other = document.getElementById('pt').checked ? 'en' : 'pt';
    var kept = texts[other] = texts[other] || new Map();
    if (!kept.has(element)) {
      var walker = document.createTreeWalker(element, NodeFilter.SHOW_ALL, function (node) {
        var skipped = node.tagName === 'SCRIPT' || (node.classList && node.classList.contains(other));
        return skipped ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT;
      });
      var parts = [];
      while (walker.nextNode()) {
        if (walker.currentNode.nodeType === Node.TEXT_NODE) { parts.push(walker.currentNode.data); }
      }
      kept.set(element, plain(parts.join(' ')));
    }
    return kept.get(element);
  }
  function within(element) {
    return Array.from(element.querySelectorAll('[data-listed]')).filter(function (part) {
      return part.parentElement.closest('[data-listed], main') === element;
    });
  }
  function apply() {
    var words = plain(fields.words.value).split(/\s+/).filter(Boolean);
    var active = words.length || fields.trouble.checked || fields.exercise.value || fields.worker.value;
    function has(list, chosen) { return !chosen || list.split(' ').includes(chosen); }
    function matches(element) {
      var data = element.dataset;
      return (!fields.trouble.checked || ['fail', 'unknown'].includes(data.listed))
        && has(data.exercises, fields.exercise.value) && has(data.workers, fields.worker.value)
        && words.every(function (word) { return textOf(element).includes(word); });
    }
    function sift(element, all) {
      var parts = within(element), hits = parts.filter(matches);
      parts.forEach(function (part) {
        part.hidden = (all || hits.length > 0) && !hits.includes(part);
        if (!part.hidden) { sift(part, false); }
      });
      return [hits.length, parts.length];
    }
    var main = document.querySelector('main'), counts = sift(main, true);
    main.querySelectorAll('section').forEach(function (section) {
      var parts = section.closest('[data-listed]') ? [] : Array.from(section.querySelectorAll('[data-listed]'));
      if (parts.length) { section.hidden = parts.every(function (part) { return part.closest('[data-listed][hidden]'); }); }
    });
    document.querySelectorAll('.overview a').forEach(function (tile) {
      tile.parentElement.hidden = document.getElementById(tile.hash.slice(1)).hidden;
    });
    clear.hidden = !active;
    output.textContent = '';
    if (active) {
      output.append(form.querySelector('template').content.cloneNode(true));
      output.querySelector('.counted').textContent = counts.join(' / ');
    }
  }
  form.addEventListener('input', apply);
  form.addEventListener('submit', function (event) { event.preventDefault(); });
  form.addEventListener('reset', function () { setTimeout(apply); }); /* once the fields are empty */
  document.getElementsByName('language').forEach(function (button) {
    button.addEventListener('change', apply);
  });
  return { clear: function () { form.reset(); apply(); } };
})();
