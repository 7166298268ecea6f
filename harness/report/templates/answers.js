(function () {
  'use strict';
  function unfold() {
    var target = location.hash && document.getElementById(location.hash.slice(1));
    for (var node = target; node; node = node.parentElement) {
      if (node.tagName === 'DETAILS') { node.open = true; }
    }
    if (target) { target.scrollIntoView(); }
  }
  addEventListener('hashchange', unfold);
  unfold();

  /* Pictures: a shape of class t7 belongs to task 7; row r7 of the table tells its life. */
  function taskOf(node) {
    var found = node.closest && node.closest('.s');
    var name = found && Array.from(found.classList).find(function (word) { return /^t\d+$/.test(word); });
    return name ? Number(name.slice(1)) : null;
  }
  document.querySelectorAll('figure.follow').forEach(function (figure) {
    var svg = figure.querySelector('svg.timeline');
    var life = figure.querySelector('.followed');
    var hint = life.firstElementChild;
    var elsewhere = figure.querySelector('.lives a');
    var lives = elsewhere ? document.getElementById(elsewhere.hash.slice(1)) : figure;
    var thread = document.createElementNS(svg.namespaceURI, 'path');
    thread.setAttribute('class', 'thread');
    svg.append(thread);
    var kept = null;
    var known = Array.from(new Set(Array.from(svg.querySelectorAll('.s')).map(taskOf)))
      .filter(function (task) { return task !== null; })
      .sort(function (one, other) { return one - other; });
    function show(task) {
      svg.querySelectorAll('.on').forEach(function (shape) { shape.classList.remove('on'); });
      svg.classList.toggle('following', task !== null);
      life.textContent = '';
      if (task === null) { life.append(hint); return; }
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
      thread.setAttribute('d', parts.map(function (part, index) {
        return (index ? 'L' : 'M') + part.from + ' ' + part.y + 'H' + part.until;
      }).join(''));
      var row = lives.querySelector('.r' + task);
      var number = document.createElement('strong');
      number.textContent = '№ ' + task + ' ';
      life.append(number);
      if (row) {
        row.querySelectorAll('td').forEach(function (cell) {
          cell.childNodes.forEach(function (child) { life.append(child.cloneNode(true)); });
          life.append(cell.nextElementSibling ? ' · ' : '');
        });
      }
    }
    function keep(task) { kept = task; show(task); }
    svg.addEventListener('mouseover', function (event) {
      var task = taskOf(event.target);
      if (kept === null) { show(task); }
    });
    svg.addEventListener('mouseleave', function () { show(kept); });
    svg.addEventListener('click', function (event) {
      var task = taskOf(event.target);
      keep(task === kept ? null : task);
    });
    svg.addEventListener('keydown', function (event) {
      var step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (event.key === 'Escape') { keep(null); }
      if (!step || !known.length) { return; }
      event.preventDefault();
      var index = kept === null ? (step > 0 ? 0 : known.length - 1) : known.indexOf(kept) + step;
      keep(known[(index + known.length) % known.length]);
    });
  });
})();
