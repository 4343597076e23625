using Quitanda.Host;

return await QuitandaHost.Run(args);
