import { Argument, Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { BASH_SCRIPT } from "./bash-script.ts";
import { FISH_SCRIPT } from "./fish-script.ts";
import { ZSH_SCRIPT } from "./zsh-script.ts";

const SCRIPTS = { bash: BASH_SCRIPT, zsh: ZSH_SCRIPT, fish: FISH_SCRIPT } as const;

const HELP = `
Behind that, Tab completes commands, options, their values and the paths of the server that the line
names, or EDGEKEEPER_SERVER. Put into the start-up file of your shell:
  bash (~/.bashrc)                  source <(edgekeeper completion bash)
  zsh (~/.zshrc, behind compinit)   source <(edgekeeper completion zsh)
  fish (~/.config/fish/config.fish) edgekeeper completion fish | source

Example:
  edgekeeper completion bash > ~/.local/share/bash-completion/completions/edgekeeper`;

/** `completion bash|zsh|fish`: a script for the user's own shell. */
export function completionCommand({ output }: Pick<CommandContext, "output">): Command {
  return new Command("completion")
    .description("print what makes your shell complete our commands")
    .addArgument(new Argument("<shell>", "yours").choices(Object.keys(SCRIPTS)))
    .addHelpText("after", HELP)
    .action((shell: keyof typeof SCRIPTS) => output.streams.out(SCRIPTS[shell]));
}
