// The icons the product draws, by their names in lucide; add one here before `{% icon "name" %}` uses it.
export const iconNames = `
activity archive archive-restore arrow-down arrow-left arrow-up arrow-up-down book-open brain check chevron-down chevron-left
chevron-right circle-alert circle-check clock cloud-off columns-2 copy corner-down-left cpu upload download database ellipsis external-link eye file-text
fingerprint-pattern folder folder-input folder-plus gauge ghost git-fork globe image info key key-round keyboard laptop link
list-ordered list-plus loader lock log-out mail maximize-2 message-square minus monitor moon network panel-left paperclip pencil pin pin-off
plug plus quote radar refresh-cw repeat rotate-ccw route scan-text search search-x send server settings share shield shield-check skip-forward
sliders-horizontal smartphone square square-pen square-slash star sun terminal text-search text-wrap trash-2 triangle-alert undo-2
user user-plus users wallet wrench x
`.trim().split(/\s+/);
