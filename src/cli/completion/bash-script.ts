/**
 * Completion for bash 4 and later. Quotes are read and written by us, since bash does it for files
 * alone.
 *
 * Source: Bash Reference Manual, "Programmable Completion".
 */
export const BASH_SCRIPT = `# edgekeeper: completion for bash
_edgekeeper() {
    local -a lines
    mapfile -t lines < <("$1" __complete --line "\${COMP_LINE:0:COMP_POINT}" -- "$2" 2>/dev/null)
    COMPREPLY=("\${lines[@]:1}")
    if [[ \${lines[0]-} == file ]]; then
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "$2")
    elif [[ \${lines[0]-} == program ]]; then
        mapfile -t COMPREPLY < <(compgen -c -- "$2")
    elif [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == */ ]]; then
        compopt -o nospace 2>/dev/null
    fi
}
complete -F _edgekeeper edgekeeper
`;
