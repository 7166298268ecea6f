/* On paper what is folded is left out; if wanted, the evidence stands at the end, unfolded. */
(function () {
  var wanted = document.getElementById('print-evidence'), undo = [];
  wanted.closest('p').hidden = false;
  addEventListener('beforeprint', function () {
    if (!wanted.checked || undo.length) { return; }
    var end = document.getElementById('evidence-heading').content.firstElementChild.cloneNode(true);
    document.querySelectorAll('main .proof').forEach(function (proof) {
      var before = document.createComment('');
      proof.before(before);
      end.append(proof);
      undo.push(function () { before.replaceWith(proof); });
    });
    end.querySelectorAll('details:not([open])').forEach(function (folded) {
      folded.open = true;
      undo.push(function () { folded.open = false; });
    });
    document.querySelector('main').append(end);
    undo.push(function () { end.remove(); });
  });
  addEventListener('afterprint', function () {
    undo.forEach(function (step) { step(); });
    undo = [];
  });
})();
