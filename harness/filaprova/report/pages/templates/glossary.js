/* The first time that a word of the glossary occurs in a section it becomes a button that explains
   it. What is folded, quoted or a heading is left alone. */
(function () {
  var bubble = document.getElementById('explained');
  if (!bubble.showPopover) { return; } /* an old browser; the list at the end is there */
  var entries = Array.from(document.querySelectorAll('#glossary dt'));

  function button(entry, words) {
    var made = document.createElement('button');
    made.type = 'button';
    made.className = 'term';
    made.textContent = words;
    made.setAttribute('popovertarget', bubble.id);
    made.addEventListener('click', function () {
      var word = document.createElement('strong');
      word.append.apply(word, entry.cloneNode(true).childNodes);
      bubble.replaceChildren(word, ': ');
      bubble.append.apply(bubble, entry.nextElementSibling.cloneNode(true).childNodes);
      var place = made.getBoundingClientRect();
      bubble.style.left = Math.max(8, Math.min(place.left, document.documentElement.clientWidth - 328)) + 'px';
      bubble.style.top = place.bottom + 6 + 'px';
    });
    return made;
  }
  function explain(section, language) {
    var open = new Map(); /* form -> entry, for what was not explained yet */
    entries.forEach(function (entry) {
      entry.dataset[language].split('|').forEach(function (form) { open.set(form, entry); });
    });
    function inText(node) {
      var forms = Array.from(open.keys()).sort(function (one, other) { return other.length - one.length; });
      var found = forms.length && new RegExp('(?<![\\p{L}\\p{N}_])(?:' + forms.join('|') + ')(?![\\p{L}\\p{N}_])', 'iu').exec(node.data);
      if (!found) { return; }
      var entry = open.get(found[0].toLowerCase());
      open.forEach(function (owner, form) { if (owner === entry) { open.delete(form); } });
      var word = node.splitText(found.index), rest = word.splitText(found[0].length);
      word.replaceWith(button(entry, found[0]));
      inText(rest);
    }
    section.querySelectorAll('.' + language).forEach(function (span) {
      if (span.closest('a, button, label, summary, details, svg, h2, h3, h4, thead, figure, .legend')) { return; }
      Array.from(span.childNodes).forEach(function (node) {
        if (node.nodeType === Node.TEXT_NODE) { inText(node); }
      });
    });
  }
  document.querySelectorAll('main > section:not(#glossary)').forEach(function (section) {
    explain(section, 'pt');
    explain(section, 'en');
  });
})();
