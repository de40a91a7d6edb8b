const MOST = 300;

/** Of what a message quotes, the beginning says enough: a template may be one long word. */
export function shorten(text: string): string {
  return text.length > MOST ? `${text.slice(0, MOST)}…` : text;
}
