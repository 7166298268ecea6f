(function () {
  'use strict';
  function remembered(name) {
    try { return localStorage.getItem('filaprova-' + name); } catch (error) { return null; /* no storage */ }
  }
  /* A switch is a group of radio buttons; which one is chosen is remembered. */
  function remember(name, first, chosen) {
    var buttons = Array.from(document.getElementsByName(name));
    function choose(value) {
      buttons.forEach(function (button) { button.checked = button.value === value; });
      chosen(value);
    }
    var kept = remembered(name);
    choose(buttons.some(function (button) { return button.value === kept; }) ? kept : first);
    buttons.forEach(function (button) {
      button.addEventListener('change', function () {
        choose(button.value);
        try { localStorage.setItem('filaprova-' + name, button.value); } catch (error) { /* no storage */ }
      });
    });
  }
  var own = (navigator.language || 'pt').slice(0, 2).toLowerCase() === 'pt' ? 'pt' : 'en';
  remember('language', own, function (language) {
    document.documentElement.lang = language === 'pt' ? 'pt-BR' : 'en';
  });
  remember('theme', 'automatic', function () { /* the style sheet looks at the buttons */ });
})();
