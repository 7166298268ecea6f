/* Close-ups of crowded timelines: a short stretch of time with every task in it. What is drawn comes
   packed with the page (harness/filaprova/report/pictures/closeup.py) and is unpacked at the first use. */
var LEFT = 112, RIGHT = 948, GAP = 11, SENT = 17, WAIT = 30, WORK = 17;
var FEWEST = 15, MOST = 240, SHORTEST = 1000, THIN = 2.5, BARS_LIMIT = 2000;

function unpacked(text) {
  var bytes = Uint8Array.from(atob(text), function (letter) { return letter.charCodeAt(0); });
  var stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Response(stream).json().then(function (data) {
    ['published', 'task', 'from'].forEach(function (name) {
      var value = 0;
      data[name] = data[name].map(function (step) { value += step; return value; });
    });
    ['begun', 'done', 'until'].forEach(function (name) {
      data[name] = data[name].map(function (after, stay) { return after < 0 ? null : data.from[stay] + after; });
    });
    data.of = data.published.map(function () { return []; });
    data.task.forEach(function (task, stay) { data.of[task - 1].push(stay); });
    data.key = data.from.map(function (from, stay) { return data.begun[stay] === null ? from : data.begun[stay]; });
    data.order = data.from.map(function (_, stay) { return stay; })
      .filter(function (stay) { return data.worker[stay] >= 0; })
      .sort(function (one, other) { return data.key[one] - data.key[other] || one - other; });
    return data;
  });
}

/* Words stand in the page in both languages; a detail is a text, or [Portuguese, English]. */
function word(name) {
  var details = Array.from(arguments).slice(1);
  return Array.from(document.getElementById('close-up-words').content.querySelector('.' + name).children)
    .map(function (span, language) {
      var copy = span.cloneNode(true), index = 0;
      copy.textContent = copy.textContent.replace(/\{\}/g, function () {
        var detail = details[index++];
        return Array.isArray(detail) ? detail[language] : detail;
      });
      return copy;
    });
}
function count(value) { return [value.toLocaleString('pt-BR'), value.toLocaleString('en-US')]; }
function seconds(micros, places) {
  var text = (micros / 1e6).toFixed(places);
  if (micros >= 0) { text = '+' + text; }
  return [text.replace('.', ','), text];
}
function spans(pair) {
  return pair.map(function (text, language) {
    var span = document.createElement('span');
    span.className = language ? 'en' : 'pt';
    span.lang = language ? 'en' : 'pt-BR';
    span.textContent = text;
    return span;
  });
}

function drawing(svg) {
  function element(parent, tag, attributes, text) {
    var made = document.createElementNS(svg.namespaceURI, tag);
    Object.keys(attributes).forEach(function (name) { made.setAttribute(name, attributes[name]); });
    if (text !== undefined) { made.textContent = text; }
    parent.append(made);
    return made;
  }
  return {
    lane: function (top) { return element(svg, 'g', { transform: 'translate(0 ' + top + ')' }); },
    path: function (parent, d, kind) { return element(parent, 'path', { d: d, 'class': kind }); },
    box: function (parent, x, y, width, height, kind) {
      return element(parent, 'path', { d: 'M' + x + ' ' + y + 'h' + width + 'v' + height + 'h' + -width + 'z', 'class': kind });
    },
    sign: function (parent, name, x, y, kind) {
      element(parent, 'use', { href: '#sign-' + name, x: x, y: y, 'class': kind });
    },
    text: function (parent, text, x, y, kind) { element(parent, 'text', { x: x, y: y, 'class': kind }, text); },
    both: function (parent, pair, x, y, kind) {
      var group = element(parent, 'g', { 'class': kind });
      element(group, 'text', { x: x, y: y, 'class': 'pt', lang: 'pt-BR' }, pair[0]);
      element(group, 'text', { x: x, y: y, 'class': 'en', lang: 'en' }, pair[1]);
    }
  };
}
function said(nodes) { return nodes.map(function (node) { return node.textContent; }); }

/* Draws everything between two moments. */
function drawStretch(svg, data, from, until) {
  svg.textContent = '';
  var draw = drawing(svg);
  var scale = (RIGHT - LEFT) / (until - from);
  function x(at) { return Math.round((LEFT + (Math.min(Math.max(at, from), until) - from) * scale) * 10) / 10; }
  function within(at) { return at !== null && at >= from && at <= until; }
  var outages = data.outages.filter(function (outage) {
    return outage[0] <= until && (outage[1] === null || outage[1] >= from);
  });
  var top = outages.length ? 28 : 8;
  var bottom = top + SENT + GAP + data.workers.length * (WAIT + WORK + GAP);
  svg.setAttribute('viewBox', '0 0 960 ' + (bottom + 14));

  var step = roundStep(90 / scale);
  var places = Math.max(0, Math.min(6, 6 - Math.floor(Math.log10(step))));
  for (var tick = Math.ceil((from + data.begins) / step) * step; tick - data.begins <= until; tick += step) {
    draw.path(svg, 'M' + x(tick - data.begins) + ' ' + (top - 4) + 'V' + bottom, 'grid');
    var told = seconds(tick, places);
    draw.both(svg, [told[0] + ' s', told[1] + ' s'], Math.min(x(tick - data.begins), RIGHT - 8), bottom + 12, 'tick');
  }
  outages.forEach(function (outage) {
    var back = outage[1] === null ? Infinity : outage[1];
    draw.box(svg, x(outage[0]), top - 4, Math.max(2, x(back) - x(outage[0])), bottom - top + 4, 'outage');
    if (within(outage[0])) { moment(outage[0], 'strike', said(word(outage[2] === 'stop' ? 'picture_server_stop' : 'picture_server_kill'))); }
    if (within(outage[1])) { moment(outage[1], 'back', said(word('picture_server_back'))); }
  });
  function moment(at, kind, name) {
    draw.path(svg, 'M' + x(at) + ' 8V' + bottom, kind);
    var left = x(at) > RIGHT - 120;
    draw.both(svg, name, x(at) + (left ? -8 : 8), kind === 'strike' ? 11 : 21, kind + '-name' + (left ? ' before' : ''));
  }

  var producer = draw.lane(top);
  draw.both(producer, said(word('picture_producer')), LEFT - 10, SENT / 2 + 4, 'name');
  draw.path(producer, 'M' + LEFT + ' ' + SENT / 2 + 'H' + RIGHT, 'floor');
  var taken = {};
  data.published.forEach(function (at, index) {
    if (!within(at) || taken[Math.round(x(at))]) { return; }
    taken[Math.round(x(at))] = true;
    draw.box(producer, x(at) - 1, 2, 2, SENT - 4, 'sent s t' + (index + 1));
  });

  var lanes = data.workers.map(function (worker, index) {
    var lane = draw.lane(top + SENT + GAP + index * (WAIT + WORK + GAP));
    var name = worker[0].length > 15 ? worker[0].slice(0, 14) + '…' : worker[0];
    var end = worker[2] === null ? Infinity : worker[2];
    if (worker[1] <= until && end >= from) {
      draw.box(lane, x(worker[1]), 0, Math.max(1, x(end) - x(worker[1])), WAIT + WORK, 'lane');
    }
    draw.text(lane, name, LEFT - 10, WAIT + WORK / 2 + 4, 'name');
    return { node: lane, most: 0, changes: [], bars: 0, thin: {} };
  });
  data.from.forEach(function (start, stay) {
    var lane = lanes[data.worker[stay]];
    if (!lane || start > until || data.until[stay] < from && (data.done[stay] || 0) < from) { return; }
    var over = data.begun[stay] === null ? data.until[stay] : data.begun[stay];
    if (over >= from) {
      lane.changes.push([Math.max(start, from), 1], [over, -1]);
    }
    drawStay(lane, stay);
  });
  lanes.forEach(drawThin);
  lanes.forEach(drawWaiting);
  data.strikes.forEach(function (strike) {
    var index = data.workers.findIndex(function (worker) { return worker[0] === strike[0]; });
    if (index < 0 || !within(strike[1])) { return; }
    var left = x(strike[1]) > RIGHT - 90;
    draw.path(lanes[index].node, 'M' + x(strike[1]) + ' -4V' + (WAIT + WORK + 3), 'strike');
    draw.sign(lanes[index].node, 'strike', x(strike[1]), -1, 'bolt');
    draw.text(lanes[index].node, strike[2], x(strike[1]) + (left ? -9 : 9), -1, 'strike-name' + (left ? ' before' : ''));
  });

  function drawStay(lane, stay) {
    var task = data.task[stay], kind, right = null;
    var end = data.ends[data.end[stay]];
    if (data.begun[stay] !== null) {
      var over = data.done[stay] === null ? data.until[stay] : data.done[stay];
      if (data.begun[stay] <= until && over >= from && lane.bars++ < BARS_LIMIT) {
        kind = data.done[stay] === null ? 'cut' : data.repeat[stay] ? 'repeat' : 'work';
        var start = Math.min(x(data.begun[stay]), RIGHT - THIN), width = Math.max(THIN, x(over) - start);
        if (width > THIN) {
          draw.box(lane.node, start, WAIT, width, WORK, kind + ' s t' + task);
        } else {
          var spot = Math.round(start);
          (lane.thin[spot] = lane.thin[spot] || []).push(kind + ' s t' + task);
        }
        var label = kind === 'repeat' ? task + '×' + (data.repeat[stay] + 1) : String(task);
        if (width >= label.length * 6.2 + 1) {
          draw.text(lane.node, label, start + width / 2, WAIT + 12.5, 'label on-' + kind + ' s t' + task);
        }
        right = kind === 'cut' ? WAIT + WORK / 2 : null;
      }
    } else {
      right = WAIT - 8;
    }
    if (right !== null && (end === 'lost' || end === 'returned') && within(data.until[stay])) {
      draw.sign(lane.node, end, x(data.until[stay]), right, 'sign ' + end + ' s t' + task);
    }
    if (data.again[stay] && within(data.key[stay])) {
      draw.sign(lane.node, 'again', x(data.key[stay]), WAIT, 'sign again s t' + task);
    }
  }
  /* Tasks of one moment lie above each other. */
  function drawThin(lane) {
    Object.keys(lane.thin).forEach(function (spot) {
      var kinds = lane.thin[spot], share = WORK / kinds.length;
      kinds.forEach(function (kind, index) {
        draw.box(lane.node, spot, WAIT + WORK - (index + 1) * share, THIN, Math.max(0.5, share), kind);
      });
    });
  }
  function drawWaiting(lane) {
    var held = 0, points = [[from, 0]];
    lane.changes.sort(function (one, other) { return one[0] - other[0] || other[1] - one[1]; });
    lane.changes.forEach(function (change) {
      if (change[0] > until) { return; }
      points.push([change[0], held], [change[0], held += change[1]]);
      lane.most = Math.max(lane.most, held);
    });
    if (!lane.most) { return; }
    points.push([until, held], [until, 0]);
    var area = draw.path(lane.node, 'M' + points.map(function (point) {
      return x(point[0]) + ' ' + Math.round((WAIT - point[1] / lane.most * (WAIT - 4)) * 10) / 10;
    }).join('L') + 'Z', 'depth');
    lane.node.insertBefore(area, lane.node.querySelector('.s'));
    draw.text(lane.node, '0–' + lane.most, LEFT - 10, 12, 'tick range');
  }
}
function roundStep(least) {
  var power = Math.pow(10, Math.floor(Math.log10(Math.max(1, least))));
  return [1, 2, 5, 10].map(function (factor) { return factor * power; })
    .find(function (step) { return step >= least; });
}

function lifeOf(data, task, places) {
  var steps = [[data.published[task - 1], 'life_published']];
  data.of[task - 1].forEach(function (stay) {
    var worker = data.worker[stay] < 0 ? null : data.workers[data.worker[stay]][0];
    if (worker === null) { steps.push([data.from[stay], 'life_taken']); return; }
    steps.push([data.from[stay], data.again[stay] ? 'life_again' : 'life_delivered', worker]);
    if (data.begun[stay] !== null && data.begun[stay] !== data.done[stay]) { steps.push([data.begun[stay], 'life_begun', worker]); }
    if (data.done[stay] !== null) { steps.push([data.done[stay], 'life_done', worker]); }
    var end = data.ends[data.end[stay]];
    if (['acked', 'returned', 'lost'].includes(end)) { steps.push([data.until[stay], 'life_' + end, worker]); }
  });
  if (data.lost[task] !== undefined) { steps.push([data.lost[task], 'life_lost_in_queue']); }
  steps.sort(function (one, other) { return one[0] - other[0]; });
  var code = document.createElement('code');
  code.textContent = data.id[task - 1];
  var fate = data.repeated[task] ? word('state_repeated', data.repeated[task]) : word('state_' + data.states[data.state[task - 1]]);
  var nodes = [code, ' · '].concat(fate, ' · ');
  steps.forEach(function (step, index) {
    nodes = nodes.concat(index ? ' → ' : [], spans(seconds(step[0] + data.begins, places)), ' ', word(step[1], step[2]));
  });
  return nodes;
}

function closeUp(root) {
  if (typeof DecompressionStream === 'undefined') { return; }
  var figure = root.closest('figure');
  var overview = figure.querySelector('svg.timeline');
  var svg = root.querySelector('svg');
  var place = root.querySelector('.place');
  var form = root.querySelector('form');
  var loading = null, data = null, followed = null;
  var focus = 0, shown = 60, first = 0, next = 0, places = 3, notable = 0;
  root.hidden = false;
  figure.classList.add('closer');
  var band = document.createElementNS(svg.namespaceURI, 'rect');
  band.setAttribute('class', 'band');
  band.setAttribute('visibility', 'hidden');
  overview.append(band);

  function withData(act) {
    loading = loading || unpacked(root.querySelector('script').textContent).then(function (read) {
      data = read;
      followed = follow(svg, root.querySelector('.followed'), function (task) { return lifeOf(data, task, places); });
      root.querySelectorAll('[hidden]').forEach(function (node) { node.hidden = false; });
    });
    loading.then(act);
  }
  /* The deliveries around the one in focus, but not across a pause longer than all the rest. */
  function draw() {
    var last = data.order.length;
    focus = Math.min(Math.max(focus, 0), Math.max(0, last - 1));
    first = Math.max(0, Math.min(focus - Math.floor(shown / 2), last - shown));
    next = Math.min(first + shown, last);
    for (var index = first + 1; index < next && next - first > 2; index++) {
      if (at(index) - at(index - 1) > (at(next - 1) - at(first)) / 2) {
        if (focus >= index) { first = index; } else { next = index; }
        index = first;
      }
    }
    var from = last ? at(first) : 0, until = from + SHORTEST;
    data.order.slice(first, next).forEach(function (stay) {
      until = Math.max(until, data.done[stay] === null ? data.key[stay] : data.done[stay],
        ['lost', 'returned'].includes(data.ends[data.end[stay]]) ? data.until[stay] : 0);
    });
    if (next < last) { until = Math.max(from + SHORTEST, Math.min(until, at(next))); }
    drawStretch(svg, data, from, until);
    var left = pixelOf(from), right = pixelOf(until);
    band.setAttribute('x', left);
    band.setAttribute('y', 2);
    band.setAttribute('width', Math.max(2, right - left));
    band.setAttribute('height', overview.viewBox.baseVal.height - 16);
    band.setAttribute('visibility', 'visible');
    places = Math.max(3, Math.min(6, 9 - Math.round(Math.log10(until - from))));
    place.replaceChildren.apply(place, word('closeup_place',
      seconds(from + data.begins, places), seconds(until + data.begins, places), count(next - first), count(last)));
    followed.keep(followed.kept());
  }
  function at(index) { return data.key[data.order[index]]; }
  function pixelOf(at) {
    var index = data.pixels.findIndex(function (moment) { return moment >= at; });
    return data.left + (index < 0 ? data.pixels.length - 1 : index);
  }
  function goTo(moment) {
    var found = data.order.findIndex(function (stay) { return data.key[stay] >= moment; });
    focus = found < 0 ? data.order.length : found;
    draw();
  }
  function goToTask(task) {
    if (!(task >= 1 && task <= data.published.length)) {
      place.replaceChildren.apply(place, word('closeup_none', String(task), count(data.published.length)));
      return;
    }
    var stays = data.of[task - 1].filter(function (stay) { return data.worker[stay] >= 0; });
    goTo(stays.length ? data.key[stays[stays.length - 1]] : data.published[task - 1]);
    followed.keep(task);
  }
  var acts = {
    earlier: function () { focus = first - 1; draw(); },
    later: function () { focus = next; draw(); },
    closer: function () { shown = Math.max(shown / 2, FEWEST); draw(); },
    wider: function () { shown = Math.min(shown * 2, MOST); draw(); },
    notable: function () {
      notable = data.notable.find(function (task) { return task > notable; }) || data.notable[0];
      goToTask(notable);
    }
  };
  form.addEventListener('click', function (event) {
    var button = event.target.closest('button[type="button"]');
    var act = button && (data || button.name === 'notable' ? acts[button.name] : draw);
    if (act) { withData(act); }
  });
  form.addEventListener('submit', function (event) {
    event.preventDefault();
    withData(function () { goToTask(Number(form.querySelector('input').value)); });
  });
  overview.addEventListener('click', function (event) {
    var spot = new DOMPoint(event.clientX, event.clientY).matrixTransform(overview.getScreenCTM().inverse());
    withData(function () {
      var pixel = Math.min(Math.max(Math.round(spot.x - data.left), 0), data.pixels.length - 1);
      goTo(data.pixels[pixel]);
    });
  });
}
