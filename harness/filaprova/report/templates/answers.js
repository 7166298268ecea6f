function unfold() {
  var target = location.hash && document.getElementById(location.hash.slice(1));
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
