using Loyalty;
using Quitanda.Host;

return await QuitandaHost.Run(args, LoyaltyModule.Listed);
