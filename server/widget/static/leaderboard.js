/*
 * <ambassade-leaderboard board="month" key="pk_…"> and <ambassade-challenge challenge="…" key="pk_…">
 * for any page. One file, no dependency, no cookie. How to theme it, and what it tells the page:
 * /widget on the server that this came from.
 *
 * Whatever people wrote goes through textContent, and nothing else ever becomes DOM.
 */
(() => {
  "use strict";
  if (!("customElements" in window) || customElements.get("ambassade-leaderboard")) return;

  const SCRIPT = document.currentScript && document.currentScript.src;
  const HOME = SCRIPT ? new URL(SCRIPT).origin : location.origin;
  const SECOND = 1000;
  const EVERY = 45, OFTEN = 15, SELDOM = 600, PATIENCE = 10;
  const SPOKEN_EVERY = 60 * SECOND;

  const WORDS = {
    fr: {
      loading: "Chargement…",
      away: "Momentanément indisponible.",
      nobody: "Personne n’est encore affiché ici : la première place est libre.",
      place: "Rang",
      name: "Nom",
      points: "Points",
      ever: "Depuis le début",
      week: (week, year) => `Semaine ${week}, ${year}`,
      over: "terminé",
      live: "En direct",
      leads: (name, points) => `${name} passe en tête, ${points} points.`,
      until: (day) => `Jusqu’au ${day}`,
      from: (day) => `À partir du ${day}`,
      paused: "En pause",
      reached: "Objectif atteint",
      ended: "Terminé",
      cancelled: "Annulé",
      of: (done, goal) => `${done} sur ${goal}`,
      passed: (percent) => `${percent} % atteints, ensemble.`,
      helpers: (number, shown) => `${shown} ${number < 2 ? "personne y a" : "personnes y ont"} contribué.`,
      thanks: "Merci à ",
    },
    en: {
      loading: "Loading…",
      away: "Not available at the moment.",
      nobody: "Nobody is shown here yet: the first place is free.",
      place: "Place",
      name: "Name",
      points: "Points",
      ever: "Since the beginning",
      week: (week, year) => `Week ${week}, ${year}`,
      over: "over",
      live: "Live",
      leads: (name, points) => `${name} takes the lead with ${points} points.`,
      until: (day) => `Until ${day}`,
      from: (day) => `From ${day}`,
      paused: "On pause",
      reached: "Goal reached",
      ended: "Over",
      cancelled: "Cancelled",
      of: (done, goal) => `${done} of ${goal}`,
      passed: (percent) => `${percent}% reached, together.`,
      helpers: (number, shown) => `${shown} ${number === 1 ? "person has" : "people have"} helped.`,
      thanks: "Thanks to ",
    },
  };

  const LIGHT = `--_background:var(--ambassade-background,#fff);--_text:var(--ambassade-text,#1c1917);
--_muted:var(--ambassade-muted,#57534e);--_line:var(--ambassade-line,#e7e5e4);
--_track:var(--ambassade-track,#f1efed);--_accent:var(--ambassade-accent,#b45309);
--_on-accent:var(--ambassade-on-accent,#fff);color-scheme:light;`;
  const DARK = `--_background:var(--ambassade-background,#1c1917);--_text:var(--ambassade-text,#fafaf9);
--_muted:var(--ambassade-muted,#b5afa9);--_line:var(--ambassade-line,#3b3734);
--_track:var(--ambassade-track,#302c29);--_accent:var(--ambassade-accent,#fbbf24);
--_on-accent:var(--ambassade-on-accent,#1c1917);color-scheme:dark;`;
  const STYLE = `
:host{${LIGHT}display:block;container-type:inline-size;font-family:var(--ambassade-font,inherit);
font-size:var(--ambassade-size,1rem);line-height:1.4;text-align:start}
:host([hidden]){display:none}
@media (prefers-color-scheme:dark){:host(:not([theme=light])){${DARK}}}
:host([theme=dark]){${DARK}}
*{box-sizing:border-box}
.card{background:var(--_background);color:var(--_text);border:1px solid var(--_line);
border-radius:var(--ambassade-radius,16px);padding:1.125em;
box-shadow:var(--ambassade-shadow,0 1px 2px #0000000d,0 8px 24px -12px #00000026)}
.head{display:flex;justify-content:space-between;align-items:baseline;gap:1em;flex-wrap:wrap;
margin-block-end:.875em;text-align:start}
.title{font-size:1.125em;font-weight:700;letter-spacing:-.01em;overflow-wrap:anywhere}
.when{font-size:.8125em;color:var(--_muted)}
.when::first-letter{text-transform:uppercase}
table{inline-size:100%;border-collapse:collapse;table-layout:fixed}
td,th{padding:.5em 0;font-weight:inherit;text-align:start;vertical-align:middle}
tbody tr+tr>*{border-block-start:1px solid var(--_line)}
.place{inline-size:2.75em}
.badge{display:inline-grid;place-items:center;min-inline-size:1.9em;block-size:1.9em;
padding-inline:.4em;border-radius:1em;font-size:.875em;font-weight:650;
font-variant-numeric:tabular-nums;color:var(--_muted)}
tr[data-place="1"] .badge{background:var(--_accent);color:var(--_on-accent)}
tr[data-place="2"] .badge,tr[data-place="3"] .badge{background:var(--_track);color:var(--_text);
box-shadow:inset 0 0 0 1.5px var(--_accent)}
.name{overflow-wrap:anywhere;font-weight:550}
tr[data-place="1"] .name{font-weight:700}
.points{inline-size:5.5em;text-align:end;font-variant-numeric:tabular-nums;font-weight:650;
white-space:nowrap}
.bar{display:block;block-size:4px;margin-block-start:.375em;border-radius:2px;
background:var(--_track);overflow:hidden}
.bar>i{display:block;block-size:100%;inline-size:calc(var(--share)*1%);border-radius:2px;
background:var(--_accent);opacity:.85}
.words{margin:0 0 1em;overflow-wrap:anywhere}
.track{position:relative;block-size:.875em;border-radius:1em;background:var(--_track);
overflow:hidden;margin-block-end:.625em}
.track>i{display:block;block-size:100%;inline-size:calc(var(--share)*1%);background:var(--_accent);
border-radius:1em}
.track>b{position:absolute;inset-block:0;inset-inline-start:calc(var(--at)*1%);inline-size:2px;
background:var(--_background)}
.sums{display:flex;justify-content:space-between;gap:1em;font-variant-numeric:tabular-nums;
font-weight:650;margin:0}
.sums>:last-child{color:var(--_muted)}
.thanks{margin:.75em 0 0;color:var(--_muted);font-size:.9375em;overflow-wrap:anywhere}
.quiet{margin:.5em 0;color:var(--_muted)}
.bones{display:grid;gap:.875em;padding-block:.5em}
.bones>i{block-size:1.5em;border-radius:.5em;background:var(--_track)}
.bones>i:nth-child(2){inline-size:86%}.bones>i:nth-child(3){inline-size:72%}
thead th{padding:0;border:0}
.spoken{position:absolute;inline-size:1px;block-size:1px;overflow:hidden;
clip-path:inset(50%);white-space:nowrap}
.live{font-size:.8125em;color:var(--_muted);white-space:nowrap;margin-inline-start:auto}
.live::before{content:"";display:inline-block;inline-size:.5em;block-size:.5em;border-radius:50%;
background:var(--_accent);margin-inline-end:.5em}
[hidden]{display:none!important}
@container (max-width:21rem){.card{padding:.875em}.place{inline-size:2.4em}.points{inline-size:4.5em}}
@media (prefers-reduced-motion:no-preference){
.bar>i,.track>i{transition:inline-size .6s cubic-bezier(.2,.7,.2,1)}
.bones>i{animation:wait 1.6s ease-in-out infinite alternate}
@keyframes wait{to{opacity:.45}}}
@media (forced-colors:active){.bar>i,.track>i,.badge{forced-color-adjust:none}}
`;

  let sheet;
  const styled = (root) => {
    // Not a <style>: a site's Content-Security-Policy needs no word about this one.
    if (!sheet) {
      sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
    }
    root.adoptedStyleSheets = [sheet];
  };

  /** An element with a class, a part of the same name, and texts or elements in it. */
  const make = (tag, name, ...inside) => {
    const element = document.createElement(tag);
    if (name) {
      element.className = name;
      element.setAttribute("part", name);
    }
    element.append(...inside);
    return element;
  };
  const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
  const clamp = (value, low, high, otherwise) =>
    Number.isFinite(value) ? Math.min(high, Math.max(low, Math.round(value))) : otherwise;
  const around = (seconds) => seconds * SECOND * (2 / 3 + (Math.random() * 2) / 3);

  /** What both elements do: read now and then, while somebody can see them. */
  class Shown extends HTMLElement {
    #timer;
    #inView = false;
    #sight;
    #next = 0;
    #failures = 0;
    #reading;
    #text;
    #spoke = 0;
    #socket;
    #lost = 0;
    #again;
    #soon;

    constructor() {
      super();
      const root = this.attachShadow({ mode: "open" });
      styled(root);
      this.body = make("div");
      this.status = make("p", "spoken");
      this.status.setAttribute("role", "status");
      this.card = make("section", "card", this.body, this.status);
      root.append(this.card);
      this.data = null;
    }

    connectedCallback() {
      this.#sight = new IntersectionObserver(
        (seen) => {
          this.#inView = seen[seen.length - 1].isIntersecting;
          this.wake();
        },
        { rootMargin: "200px" },
      );
      this.#sight.observe(this);
      document.addEventListener("visibilitychange", this.wake);
      this.draw();
    }

    disconnectedCallback() {
      this.#sight.disconnect();
      document.removeEventListener("visibilitychange", this.wake);
      clearTimeout(this.#timer);
      this.#hangUp();
    }

    attributeChangedCallback(name, before, after) {
      if (before === after || !this.#sight) return;
      if (name === "theme") return;
      if (name !== "live" && name !== "every") {
        // Something else is shown from now on, and what is under way is about the old one.
        if (name !== "lang") this.data = null;
        this.#text = undefined;
        this.#reading = undefined;
        this.draw();
      }
      if (name !== "every") this.#hangUp();
      this.#next = 0;
      this.wake();
    }

    get lang() {
      const near = this.getAttribute("lang") || this.parentElement?.closest("[lang]")?.lang;
      const wished = [near, ...(navigator.languages || [])].filter(Boolean);
      const short = wished.map((each) => each.slice(0, 2).toLowerCase());
      return short.find((each) => each in WORDS) || "en";
    }

    set lang(value) {
      this.setAttribute("lang", value);
    }

    get words() {
      return WORDS[this.lang];
    }

    get every() {
      const given = this.getAttribute("every");
      return clamp(given === null ? NaN : Number(given), OFTEN, SELDOM, EVERY);
    }

    number(value) {
      return new Intl.NumberFormat(this.lang).format(value);
    }

    /** Read when it is time, but only while somebody can see it. */
    wake = () => {
      clearTimeout(this.#timer);
      if (!this.isConnected || !this.#inView || document.hidden) {
        this.#hangUp();
        return;
      }
      if (this.hasAttribute("live")) this.#listen();
      const wait = this.#next - Date.now();
      if (wait <= 0) this.refresh();
      else this.#timer = setTimeout(this.wake, wait);
    };

    /** Read again now. Resolves when it has, whether or not that went well. */
    refresh() {
      if (this.#reading) return this.#reading;
      const reading = this.#read().finally(() => {
        if (this.#reading !== reading) return;
        this.#reading = undefined;
        const usual = this.live ? this.every * 2 : this.every;
        const pause = this.#failures ? Math.min(this.every * 2 ** this.#failures, SELDOM) : usual;
        this.#next = Date.now() + around(pause);
        this.wake();
      });
      this.#reading = reading;
      return reading;
    }

    async #read() {
      const address = this.address();
      if (!address) return;
      const stop = new AbortController();
      const late = setTimeout(() => stop.abort(), PATIENCE * SECOND);
      try {
        // The browser itself sends the ETag; a header of ours would cost a preflight.
        const answer = await fetch(address, {
          credentials: "omit",
          cache: "no-cache",
          referrerPolicy: "no-referrer",
          signal: stop.signal,
        });
        if (!answer.ok) throw new Error(answer.status);
        const text = await answer.text();
        if (address !== this.address()) return;
        this.#failures = 0;
        if (text !== this.#text) this.#take(JSON.parse(text), text);
      } catch {
        // What is shown stays. The next attempts come more and more seldom.
        this.#failures += 1;
        if (!this.data) this.draw();
      } finally {
        clearTimeout(late);
      }
    }

    #take(data, text) {
      const before = this.data;
      this.data = data;
      this.#text = text;
      this.draw(before);
      const type = before ? "ambassade-update" : "ambassade-ready";
      this.dispatchEvent(new CustomEvent(type, { bubbles: true, composed: true, detail: data }));
    }

    /** Whether the socket is open and the server tells what happens. */
    get live() {
      return this.#socket?.heard === true;
    }

    /** Open the socket, unless it is open, or was lost a moment ago. */
    async #listen() {
      if (this.#socket || this.#again) return;
      const line = { heard: false };
      this.#socket = line;
      try {
        const key = encodeURIComponent(this.getAttribute("key") || "");
        const answer = await fetch(`${this.origin}/v1/live/tickets?key=${key}`, {
          method: "POST",
          credentials: "omit",
          referrerPolicy: "no-referrer",
        });
        if (!answer.ok) throw new Error(answer.status);
        const { ticket, url } = await answer.json();
        if (this.#socket !== line) return;
        const socket = new WebSocket(url);
        line.close = () => socket.close();
        const send = (command) => socket.send(JSON.stringify(command));
        socket.onopen = () => send({ do: "authenticate", ticket });
        socket.onclose = () => this.#hungUp(line);
        socket.onmessage = ({ data }) => this.#heard(line, JSON.parse(data), send);
      } catch {
        this.#hungUp(line);
      }
    }

    #heard(line, frame, send) {
      if (this.#socket !== line) return;
      if (frame.is === "welcome") send({ do: "subscribe", channel: this.channel });
      if (frame.is === "subscribed") {
        this.#lost = 0;
        line.heard = true;
        if (this.data) this.draw(this.data);
      }
      // It only says that something changed. Not everybody reads at the same moment, and caches
      // on the way may be a little behind, so once more.
      if ((frame.is === "event" || frame.is === "reload") && !this.#soon) {
        this.#soon = setTimeout(async () => {
          await this.refresh();
          this.#soon = setTimeout(() => {
            this.#soon = undefined;
            this.refresh();
          }, 2.5 * SECOND);
        }, Math.random() * SECOND);
      }
    }

    #hangUp() {
      const line = this.#socket;
      this.#socket = undefined;
      clearTimeout(this.#soon);
      this.#soon = undefined;
      if (line?.close) line.close();
    }

    #hungUp(line) {
      if (this.#socket !== line) return;
      this.#socket = undefined;
      this.#lost += 1;
      this.#again = setTimeout(() => {
        this.#again = undefined;
        this.wake();
      }, around(Math.min(2 ** this.#lost, SELDOM)));
      if (this.data) this.draw(this.data);
    }

    /** The heading of a card: what it is, when, and whether it is live. */
    head(title, when) {
      const parts = [make("span", "title", title), make("span", "when", when)];
      if (this.live) parts.push(make("span", "live", this.words.live));
      return parts;
    }

    get away() {
      return this.#failures > 0;
    }

    /** Tell a screen reader, seldom enough that nobody minds. */
    say(words) {
      if (Date.now() - this.#spoke < SPOKEN_EVERY) return;
      this.#spoke = Date.now();
      this.status.textContent = words;
    }

    get origin() {
      return (this.getAttribute("api") || HOME).replace(/\/+$/, "");
    }

    asked(path, more) {
      const query = new URLSearchParams({ key: this.getAttribute("key") || "", lang: this.lang, ...more });
      return `${this.origin}/v1/public/${path}?${query}`;
    }

    /** What stands there while there is nothing to show. */
    blank() {
      if (this.away) return [make("p", "quiet", this.words.away)];
      const bones = make("div", "bones", make("i"), make("i"), make("i"));
      bones.setAttribute("aria-hidden", "true");
      return [bones, make("span", "spoken", this.words.loading)];
    }

    draw(before) {
      this.card.lang = this.lang;
      this.card.setAttribute("aria-busy", String(!this.data && !this.away));
      if (this.data) this.show(before);
      else this.body.replaceChildren(...this.blank());
    }
  }

  class Leaderboard extends Shown {
    get channel() {
      return `board:${this.getAttribute("board")}`;
    }

    static observedAttributes = ["board", "period", "limit", "key", "api", "lang", "theme", "live", "every"];
    #rows = new Map();

    address() {
      const board = this.getAttribute("board");
      return board && this.asked(`boards/${encodeURIComponent(board)}`, {
        period: this.getAttribute("period") || "current",
        limit: clamp(Number(this.getAttribute("limit") || NaN), 1, 50, 10),
      });
    }

    show(before) {
      const head = this.head(this.data.name, this.#when());
      const { items } = this.data;
      if (!items.length) {
        this.#rows.clear();
        this.body.replaceChildren(make("div", "head", ...head), make("p", "quiet", this.words.nobody));
        return;
      }
      const tops = new Map([...this.#rows].map(([key, row]) => [key, row.offsetTop]));
      const caption = make("caption", "", make("span", "head", ...head));
      const body = make("tbody", "", ...this.#lines(items));
      this.body.replaceChildren(make("table", "table", caption, this.#heads(), body));
      if (before) this.#move(tops);
      this.#tell(before, items[0]);
    }

    #heads() {
      const row = make("tr");
      for (const name of ["place", "name", "points"]) {
        const head = make("th", name, make("span", "spoken", this.words[name]));
        head.scope = "col";
        head.removeAttribute("part");
        row.append(head);
      }
      return make("thead", "", row);
    }

    /** The lines, each in the row that it had before. */
    #lines(items) {
      const known = this.#rows;
      const most = Math.max(...items.map((each) => each.points), 1);
      this.#rows = new Map();
      return items.map((each) => {
        let key = each.name;
        while (this.#rows.has(key)) key += "\0";
        const row = known.get(key) || this.#row();
        this.#rows.set(key, row);
        const [place, name, points] = row.cells;
        row.dataset.place = each.place;
        place.firstChild.textContent = this.number(each.place);
        name.firstChild.textContent = each.name;
        name.lastChild.firstChild.style.setProperty("--share", Math.max(2, (100 * each.points) / most));
        points.textContent = this.number(each.points);
        return row;
      });
    }

    #row() {
      const bar = make("span", "bar", make("i"));
      bar.setAttribute("aria-hidden", "true");
      const called = document.createElement("bdi");
      const name = make("th", "name", called, bar);
      name.scope = "row";
      const row = make("tr", "", make("td", "place", make("span", "badge")), name, make("td", "points"));
      row.setAttribute("part", "row");
      return row;
    }

    #move(tops) {
      if (still()) return;
      for (const [key, row] of this.#rows) {
        const way = tops.has(key) ? tops.get(key) - row.offsetTop : 0;
        const from = tops.has(key) ? { transform: `translateY(${way}px)` } : { opacity: 0 };
        if (way || from.opacity === 0) {
          row.animate([from, { transform: "none", opacity: 1 }], { duration: 500, easing: "cubic-bezier(.2,.7,.2,1)" });
        }
      }
    }

    #tell(before, first) {
      const led = before && before.board === this.data.board && before.items[0];
      if (led && led.name !== first.name) this.say(this.words.leads(first.name, this.number(first.points)));
    }

    #when() {
      const { period, is_closed: over } = this.data;
      const [, year, week, month] = /^(\d{4})-(?:W(\d\d)|(\d\d))$/.exec(period) || [];
      let when = period === "all_time" ? this.words.ever : "";
      if (week) when = this.words.week(Number(week), year);
      if (month) {
        const form = { month: "long", year: "numeric", timeZone: "UTC" };
        when = new Intl.DateTimeFormat(this.lang, form).format(Date.UTC(year, month - 1));
      }
      return over ? [when, this.words.over].filter(Boolean).join(" · ") : when;
    }
  }

  class Challenge extends Shown {
    static observedAttributes = ["challenge", "key", "api", "lang", "theme", "live", "every"];

    get channel() {
      return `challenge:${this.getAttribute("challenge")}`;
    }

    address() {
      const challenge = this.getAttribute("challenge");
      return challenge && this.asked(`challenges/${encodeURIComponent(challenge)}`);
    }

    show(before) {
      const { title, description, progress, goal } = this.data;
      const parts = [make("div", "head", ...this.head(title, this.#when())), make("p", "words", description)];
      if (progress) parts.push(this.#track(progress, goal), this.#sums(progress, goal), this.#thanks(progress));
      this.body.replaceChildren(...parts);
      if (before && before !== this.data) this.#tell(before);
    }

    #track({ done, percent, milestones }, goal) {
      const fill = make("i");
      const track = make("div", "track", fill);
      const says = { role: "progressbar", "aria-valuemin": 0, "aria-valuemax": goal, "aria-valuenow": Math.min(done, goal) };
      for (const [name, value] of Object.entries(says)) track.setAttribute(name, value);
      track.setAttribute("aria-label", this.data.title);
      track.setAttribute("aria-valuetext", this.words.of(this.number(done), this.number(goal)));
      fill.style.setProperty("--share", Math.min(100, percent));
      for (const each of milestones.filter((one) => one.percent < 100)) {
        const mark = document.createElement("b");
        mark.style.setProperty("--at", each.percent);
        track.append(mark);
      }
      return track;
    }

    #sums({ done, percent }, goal) {
      const shown = new Intl.NumberFormat(this.lang, { style: "percent" }).format(percent / 100);
      const sum = make("span", "", this.words.of(this.number(done), this.number(goal)));
      return make("p", "sums", sum, make("span", "", shown));
    }

    #thanks({ helpers }) {
      const words = make("p", "thanks", this.words.helpers(helpers, this.number(helpers)));
      if (!this.data.thanks.length) return words;
      words.append(" ", this.words.thanks);
      const list = new Intl.ListFormat(this.lang).formatToParts(this.data.thanks);
      for (const { type, value } of list) {
        words.append(type === "element" ? Object.assign(document.createElement("bdi"), { textContent: value }) : value);
      }
      words.append(".");
      return words;
    }

    #tell(before) {
      const was = new Set((before.progress?.milestones || []).filter((each) => each.is_reached).map((each) => each.percent));
      const passed = (this.data.progress?.milestones || []).filter((each) => each.is_reached && !was.has(each.percent));
      if (before.challenge === this.data.challenge && passed.length) {
        this.say(this.words.passed(passed[passed.length - 1].percent));
      }
    }

    #when() {
      const { state, starts_at: starts, ends_at: ends } = this.data;
      const day = (moment) => new Intl.DateTimeFormat(this.lang, { day: "numeric", month: "long" }).format(new Date(moment));
      if (state === "running") return this.words.until(day(ends));
      return state === "scheduled" ? this.words.from(day(starts)) : this.words[state];
    }
  }

  customElements.define("ambassade-challenge", Challenge);
  customElements.define("ambassade-leaderboard", Leaderboard);
})();
