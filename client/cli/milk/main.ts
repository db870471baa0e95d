import { runProcess as run, type CommandLine } from '../main.ts';
import { registerDeploymentCommands } from './deployment.ts';

/** MilkBottle's commands over the same engine. */
export const MILK: CommandLine = {
  features: [registerDeploymentCommands],
  program: {
    name: 'milk',
    about: `Deploys and scales one application as its milkbottle.toml says; everything else is done by sluice.

Start here:  sluice up   ·   milk deployment --help`,
  },
};

/** Runs the command line of this process and ends it with the command's exit code. */
export const runProcess = (process: NodeJS.Process): Promise<void> => run(process, MILK);
