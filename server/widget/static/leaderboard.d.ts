/** Types of the elements in leaderboard.js. Put the file beside your own, or reference it. */

export interface AmbassadeLine {
  /** 1 + how many of those shown have more points. Equal points share a place. */
  readonly place: number;
  /** Plain text. Never put it into HTML without escaping it. */
  readonly name: string;
  readonly points: number;
}

export interface AmbassadeBoard {
  readonly board: string;
  readonly name: string;
  readonly description: string;
  readonly language: "fr" | "en";
  readonly period: string;
  readonly season: string | null;
  readonly is_closed: boolean;
  readonly items: readonly AmbassadeLine[];
}

export interface AmbassadeChallenge {
  readonly challenge: string;
  readonly title: string;
  readonly description: string;
  readonly language: "fr" | "en";
  readonly state: "scheduled" | "running" | "paused" | "reached" | "ended" | "cancelled";
  readonly starts_at: string;
  readonly ends_at: string;
  readonly goal: number;
  readonly progress: {
    readonly done: number;
    readonly percent: number;
    readonly helpers: number;
    readonly milestones: readonly { readonly percent: number; readonly is_reached: boolean }[];
  } | null;
  /** Some of those who helped. Plain text. */
  readonly thanks: readonly string[];
}

interface AmbassadeElement<Data> extends HTMLElement {
  /** What is shown, or null before anything could be read. */
  readonly data: Data | null;
  /** Read again now. Resolves when it has, whether or not that went well. */
  refresh(): Promise<void>;
}

/** Attributes: board, key, period, limit, lang, theme, live, every, api. */
export interface AmbassadeLeaderboardElement extends AmbassadeElement<AmbassadeBoard> {}

/** Attributes: challenge, key, lang, theme, live, every, api. */
export interface AmbassadeChallengeElement extends AmbassadeElement<AmbassadeChallenge> {}

export interface AmbassadeEvent<Data> extends CustomEvent<Data> {
  readonly type: "ambassade-ready" | "ambassade-update";
}

declare global {
  interface HTMLElementTagNameMap {
    "ambassade-leaderboard": AmbassadeLeaderboardElement;
    "ambassade-challenge": AmbassadeChallengeElement;
  }
  interface HTMLElementEventMap {
    /** The first data is shown. It bubbles. */
    "ambassade-ready": AmbassadeEvent<AmbassadeBoard | AmbassadeChallenge>;
    /** Other data has taken its place. It bubbles. */
    "ambassade-update": AmbassadeEvent<AmbassadeBoard | AmbassadeChallenge>;
  }
}
