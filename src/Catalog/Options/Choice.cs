namespace Quitanda.Catalog.Options;

/// <summary>What is chosen of a product's options, held to its groups and priced. Pure.</summary>
internal static class Choice
{
    /// <summary>The chosen options in the product's order, or why they cannot be chosen so.</summary>
    /// <remarks>Of the options of a group the cheapest are free, each unit by itself: who chooses more than is free pays for the dearer ones, in whatever order they were named.</remarks>
    public static (IReadOnlyList<TakenOption> Options, string? Why) Of(IReadOnlyList<OptionGroup> groups, IReadOnlyList<WantedOption>? wanted)
    {
        if (groups.Count == 0)
            return ([], wanted is { Count: > 0 } ? "has no options to choose from." : null);

        Dictionary<Guid, long> chosen = [];
        foreach (var option in wanted ?? [])
            chosen[option.OptionId] = chosen.GetValueOrDefault(option.OptionId) + option.Quantity;
        List<TakenOption> taken = [];
        foreach (var group in groups)
        {
            var count = 0L;
            List<(Option Option, int Quantity)> here = [];
            foreach (var option in group.Options)
                if (chosen.Remove(option.Id, out var quantity))
                {
                    count += quantity;
                    if (quantity is < 1 or > WrittenGroups.ChosenAtMost)
                        return ([], $"takes {option.Name} 1 to {WrittenGroups.ChosenAtMost} times.");
                    here.Add((option, (int)quantity));
                }

            if (count < group.Min)
                return ([], $"needs {group.Min} of {group.Name} at least.");
            if (count > group.Max)
                return ([], $"takes {group.Max} of {group.Name} at most.");
            var free = FreeOf(here, group.Free);
            foreach (var (option, quantity) in here)
                taken.Add(new(option.Id, group.Name, option.Name, quantity, option.Price, free.GetValueOrDefault(option.Id)));
        }

        return chosen.Count > 0 ? ([], "has no such option.") : (taken, null);
    }

    private static Dictionary<Guid, int> FreeOf(List<(Option Option, int Quantity)> chosen, int free)
    {
        Dictionary<Guid, int> given = [];
        if (free == 0)
            return given;
        // A tie goes by id, so that the same choice is always priced the same.
        foreach (var (option, quantity) in chosen.OrderBy(one => one.Option.Price).ThenBy(one => one.Option.Id))
        {
            var units = Math.Min(quantity, free);
            given.Add(option.Id, units);
            free -= units;
        }

        return given;
    }
}
