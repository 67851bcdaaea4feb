/**
 * Completion for zsh 5 and later, to be sourced behind `compinit`, or as a file `_edgekeeper` in
 * `$fpath`.
 *
 * Source: zshcompsys(1), zshcompwid(1).
 */
export const ZSH_SCRIPT = `#compdef edgekeeper
# edgekeeper: completion for zsh
_edgekeeper() {
    local line
    local -a lines values shown
    lines=("\${(@f)$("\${words[1]}" __complete -- "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null)}")
    case \${lines[1]-} in
        file) _files; return ;;
        program) _command_names -e; return ;;
    esac
    for line in "\${(@)lines[2,-1]}"; do
        values+=("\${line%%$'\\t'*}")
        shown+=("\${(r:24:)line%%$'\\t'*} \${line#*$'\\t'}")
    done
    if [[ \${#values} -eq 1 && \${values[1]} == */ ]]; then
        compadd -S '' -- "\${values[@]}"
    elif [[ \${lines[1]-} == words ]]; then
        compadd -l -d shown -- "\${values[@]}"
    else
        compadd -- "\${values[@]}"
    fi
}
if [[ \${funcstack[1]-} == _edgekeeper ]]; then
    _edgekeeper "$@"
elif (( $+functions[compdef] )); then
    compdef _edgekeeper edgekeeper
fi
`;
