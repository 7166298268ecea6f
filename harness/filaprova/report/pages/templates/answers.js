function unfold() {
  var target = location.hash && document.getElementById(location.hash.slice(1));
  if (target && target.closest('[hidden]')) { find.clear(); }
  for (var node = target; node; node = node.parentElement) {
    if (node.tagName === 'DETAILS') { node.open = true; }
  }
  if (target) { target.scrollIntoView(); }
}
addEventListener('hashchange', unfold);
unfold();

/* Row r7 of the table of a picture tells the life of task 7. */
document.querySelectorAll('figure.follow').forEach(function (figure) {
  var elsewhere = figure.querySelector('.lives a');
  var lives = elsewhere ? document.getElementById(elsewhere.hash.slice(1)) : figure;
  follow(figure.querySelector('svg.timeline'), figure.querySelector('.followed'), function (task) {
    var nodes = [];
    lives.querySelectorAll('.r' + task + ' td').forEach(function (cell) {
      if (nodes.length) { nodes.push(' · '); }
      cell.childNodes.forEach(function (child) { nodes.push(child.cloneNode(true)); });
    });
    return nodes;
  });
});
document.querySelectorAll('.close-up').forEach(closeUp);

/* What is to be typed can be copied; where the browser has no clipboard for a file, it is chosen. */
document.querySelectorAll('code.command').forEach(function (code) {
  var button = document.getElementById('copy-words').content.firstElementChild.cloneNode(true);
  var before = button.querySelector('.to-copy'), after = button.querySelector('.copied');
  function tell(copied) { before.hidden = copied; after.hidden = !copied; }
  button.addEventListener('click', function () {
    getSelection().selectAllChildren(code);
    if (!navigator.clipboard) { return; }
    navigator.clipboard.writeText(code.textContent).then(function () {
      tell(true);
      setTimeout(tell, 2000, false);
    }, function () {});
  });
  code.after(' ', button);
});
