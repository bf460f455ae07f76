// Tells a page's own change of the text from an echo: what the field has told the page comes back
// a moment later, when more may have been written already.

const MOST = 100;

export class Told {
  private values: string[] = [];

  /** The field tells the page its new text. */
  add(value: string): void {
    this.values.push(value);
    if (this.values.length > MOST) this.values.shift();
  }

  /** Whether a value from the page is no echo; `text` is what the field holds. */
  isNews(value: string, text: string): boolean {
    const known = this.values.indexOf(value);
    if (value === text) this.values = [];
    else if (known >= 0) this.values.splice(0, known + 1);
    else return true;
    return false;
  }
}
