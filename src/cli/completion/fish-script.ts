/** Completion for fish 3 and later. Source: fish-shell documentation, "complete", "commandline". */
export const FISH_SCRIPT = `# edgekeeper: completion for fish
function __edgekeeper_complete
    set -l typed (commandline -opc)
    set -l piece (commandline -ct)
    set -l lines (command $typed[1] __complete -- $typed[2..-1] "$piece" 2>/dev/null)
    switch "$lines[1]"
        case file
            __fish_complete_path "$piece"
        case program
            __fish_complete_command
        case '*'
            printf '%s\\n' $lines[2..-1]
    end
end
complete -c edgekeeper -f -a '(__edgekeeper_complete)'
`;
