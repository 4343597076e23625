using Quitanda.Host;

return await CommandLine.Run(args);
