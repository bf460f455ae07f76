// An icon of assets/icons.svg; decoration only, words stand beside it or in a label.

const SPRITE = typeof document === "undefined" ? "" : (document.documentElement.dataset.icons ?? "");

export function Icon({ name }: { name: string }) {
  return (
    <svg class="icon" aria-hidden="true" focusable="false">
      <use href={`${SPRITE}#${name}`} />
    </svg>
  );
}
