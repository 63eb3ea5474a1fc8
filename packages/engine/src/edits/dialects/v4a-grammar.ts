/** V4A as a Lark grammar, for providers that hold a model to it while it writes. */
export const v4aGrammar = `start: "*** Begin Patch" LF file+ "*** End Patch" LF?
file: add | delete | update
add: "*** Add File: " PATH LF ("+" REST LF)+
delete: "*** Delete File: " PATH LF
update: "*** Update File: " PATH LF (move hunk* | hunk+)
move: "*** Move to: " PATH LF
hunk: ("@@" (" " PATH)? LF)+ (MARK REST LF)+ ("*** End of File" LF)?
PATH: /.+/
REST: /.*/
MARK: /[ +-]/
%import common.LF
`;
