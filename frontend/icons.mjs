// The icons the product draws, by their names in lucide; add one here before `{% icon "name" %}` uses it.
export const iconNames = `
activity arrow-down arrow-left arrow-up arrow-up-down book-open brain check chevron-down chevron-left chevron-right circle-alert
circle-check clock cloud-off copy corner-down-left cpu ellipsis external-link eye file-text fingerprint-pattern ghost globe image
info key key-round laptop link list-ordered loader lock log-out mail message-square monitor moon panel-left paperclip pencil
plug plus quote refresh-cw rotate-ccw search send server settings shield shield-check smartphone square square-pen sun terminal
trash-2 triangle-alert undo-2 user user-plus users wrench x git-fork scan-text columns-2 folder list-plus skip-forward sliders-horizontal square-slash star archive archive-restore search-x keyboard pin pin-off folder folder-input folder-plus share text-search terminal
`.trim().split(/\s+/);
