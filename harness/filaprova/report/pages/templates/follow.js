/* In a picture a shape of class t7 belongs to task 7. */
function taskOf(node) {
  var found = node.closest && node.closest('.s');
  var name = found && Array.from(found.classList).find(function (word) { return /^t\d+$/.test(word); });
  return name ? Number(name.slice(1)) : null;
}
/* Lets a reader follow one task through all lanes: by pointer, by click, by arrows. Its life, the
   nodes that lifeOf(task) returns, is told in the paragraph in place of the hint. */
function follow(svg, paragraph, lifeOf) {
  var hint = paragraph.firstElementChild;
  var kept = null;
  function show(task) {
    svg.querySelectorAll('.on').forEach(function (shape) { shape.classList.remove('on'); });
    svg.querySelectorAll('.thread').forEach(function (thread) { thread.remove(); });
    svg.classList.toggle('following', task !== null);
    paragraph.textContent = '';
    if (task === null) { paragraph.append(hint); return; }
    var parts = [];
    svg.querySelectorAll('.t' + task).forEach(function (shape) {
      shape.classList.add('on');
      var lane = shape.closest('g[transform]');
      if (shape.tagName !== 'path' || !lane) { return; }
      var top = lane.transform.baseVal[0].matrix.f;
      var box = shape.getBBox();
      parts.push({ from: box.x, until: box.x + box.width, y: top + box.y + box.height / 2 });
    });
    parts.sort(function (one, other) { return one.from - other.from || one.y - other.y; });
    var thread = document.createElementNS(svg.namespaceURI, 'path');
    thread.setAttribute('class', 'thread');
    thread.setAttribute('d', parts.map(function (part, index) {
      return (index ? 'L' : 'M') + part.from + ' ' + part.y + 'H' + part.until;
    }).join(''));
    svg.append(thread);
    var number = document.createElement('strong');
    number.textContent = '№ ' + task + ' ';
    paragraph.append(number);
    lifeOf(task).forEach(function (node) { paragraph.append(node); });
  }
  function keep(task) { kept = task; show(task); }
  svg.addEventListener('mouseover', function (event) {
    if (kept === null) { show(taskOf(event.target)); }
  });
  svg.addEventListener('mouseleave', function () { show(kept); });
  svg.addEventListener('click', function (event) {
    var task = taskOf(event.target);
    keep(task === kept ? null : task);
  });
  svg.addEventListener('keydown', function (event) {
    if (event.altKey || event.ctrlKey || event.metaKey) { return; } /* the browser's own */
    var step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    var known = Array.from(new Set(Array.from(svg.querySelectorAll('.s')).map(taskOf)))
      .filter(function (task) { return task !== null; })
      .sort(function (one, other) { return one - other; });
    if (event.key === 'Escape') { keep(null); }
    if (!step || !known.length) { return; }
    event.preventDefault();
    var at = known.indexOf(kept); /* -1, too, where the one that is kept is not drawn */
    var index = at < 0 ? (step > 0 ? 0 : known.length - 1) : at + step;
    keep(known[(index + known.length) % known.length]);
  });
  return { keep: keep, kept: function () { return kept; } };
}
