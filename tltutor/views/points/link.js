// Maps of one page that show the same points tell one another what is pointed at and what is selected.

const EVENT = "tlt-point";

/** @typedef {{ group: string, row: number, from: Link, rows?: number[] }} Told What one map tells the others of its group. */

/** Tells and hears document events {group, row, from, rows?}; a map hears neither itself nor another group, nor any without a group. */
export class Link {
  /** @param {string} group @param {(detail: Told) => void} hear @param {EventTarget} [page] */
  constructor(group, hear, page = document) {
    this.group = group; this.page = page;
    /** @type {(event: Event) => void} */
    this.listen = (event) => {
      const { detail } = /** @type {CustomEvent<Told>} */ (event);
      if (detail.group === this.group && detail.from !== this) hear(detail);
    };
    page.addEventListener(EVENT, this.listen);
  }

  /** row: the point that is pointed at, -1 for none; rows: the selection, where it has changed. @type {(row: number, rows?: number[]) => void} */
  tell(row, rows) {
    if (!this.group) return;
    const detail = rows ? { group: this.group, row, from: this, rows } : { group: this.group, row, from: this };
    this.page.dispatchEvent(new CustomEvent(EVENT, { detail }));
  }

  stop() { this.page.removeEventListener(EVENT, this.listen); }
}
