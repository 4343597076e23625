namespace Quitanda.Platform;

/// <summary>What somebody searches for.</summary>
public sealed class WantedWords
{
    /// <summary>Letters of what is searched for.</summary>
    public const int LongestQuery = 100;

    /// <summary>Words that count, of those who write more.</summary>
    private const int WordsAtMost = 8;

    /// <summary>Letters of a word that count: no word of a shop is as long, and folding makes more of some letters.</summary>
    private const int LongestWord = 50;

    /// <summary>Letters of a beginning that is looked for in names.</summary>
    private const int ShortestBeginningInNames = 2;

    /// <summary>Letters of a beginning that is looked for in everything: one of two letters begins something in every description.</summary>
    private const int ShortestBeginning = 3;

    /// <summary>Words that begin as the last one does and are looked for each by itself, at the most; where there are more, it is looked for as a beginning.</summary>
    private const int BeginningsKnown = 8;

    /// <summary>Words that say nothing of what is meant, in either language. They count where there is no other.</summary>
    private static readonly HashSet<string> Small = new(StringComparer.Ordinal)
    {
        "a", "as", "o", "os", "e", "de", "da", "do", "das", "dos", "em", "no", "na", "nos", "nas", "com", "para", "por", "um", "uma", "ao", "aos",
        "the", "an", "of", "and", "with", "in", "for", "to",
    };

    private readonly Sql _wanted;

    private WantedWords(string text, string[] words, string schema) => (Text, All, Schema, _wanted) = (text, words, schema, Sql.Raw($"{schema}.wanted"));

    /// <summary>All of it, small words too, with single spaces: as a name would read that is exactly this.</summary>
    public string Text { get; }

    /// <summary>The words that count. The last may be only the beginning of one, since people are shown results while they type.</summary>
    public string[] All { get; }

    /// <summary>The schema that is searched. It has a function <c>wanted</c>, which makes a <c>tsquery</c> of a word, and a table <c>search_words</c>.</summary>
    internal string Schema { get; }

    /// <summary>Reads a query; null where no word is in it.</summary>
    /// <param name="query">As somebody typed it.</param>
    /// <param name="schema">The schema that is searched, which has a function <c>wanted</c> and a table <c>search_words</c>.</param>
    public static WantedWords? Of(string? query, string schema)
    {
        var text = SearchWords.OfName(query ?? "");
        if (text.Length == 0)
            return null;
        var words = text.Split(' ');
        // A single letter behind other words is the beginning of one, which is too little to go by yet.
        var counting = words.Where((word, at) => !Small.Contains(word) && (word.Length > 1 || at == 0 || at < words.Length - 1)).ToArray();
        return new(text, [.. (counting.Length > 0 ? counting : words).Distinct(StringComparer.Ordinal).Take(WordsAtMost).Select(Cut)], schema);
    }

    /// <summary>A <c>tsquery</c> of all words, anywhere.</summary>
    public Sql Everywhere() => Join(" && ", (word, isLast) => Wanted(word, isLast && word.Length >= ShortestBeginning));

    /// <summary>A <c>tsquery</c> of all words or what each may have been meant to be.</summary>
    public Sql Meant(IReadOnlyDictionary<string, string[]> meant) => Join(" && ", (word, isLast) => Or(word, isLast, meant));

    /// <summary>A <c>tsquery</c> of any of them.</summary>
    public Sql Any(IReadOnlyDictionary<string, string[]> meant) => Join(" || ", (word, isLast) => Or(word, isLast, meant));

    /// <summary>
    /// The same <c>tsquery</c> as <see cref="Everywhere"/>, in a statement that reads the same whatever is searched for, and so is planned once for a connection.
    /// </summary>
    public Sql EverywhereAsValues() => Values(" & ", (word, isLast) => [(word, isLast && word.Length >= ShortestBeginning)]);

    /// <summary>Whether <see cref="InNameAsValues"/> is <see cref="EverywhereAsValues"/>: a beginning of two letters is looked for in names alone.</summary>
    public bool IsSameInNames => All[^1].Length is < ShortestBeginningInNames or >= ShortestBeginning;

    /// <summary>A <c>tsquery</c> of all words in a name, the last of them as a beginning, from values (<see cref="EverywhereAsValues"/>).</summary>
    public Sql InNameAsValues() => Values(" & ", (word, isLast) => [(word, isLast && word.Length >= ShortestBeginningInNames)]);

    /// <summary>A <c>tsquery</c> of all words in a name, whole, from values.</summary>
    public Sql WholeInNameAsValues() => Values(" & ", (word, _) => [(word, false)]);

    /// <summary>The same as <see cref="Meant"/>, from values.</summary>
    public Sql MeantAsValues(IReadOnlyDictionary<string, string[]> meant) => Values(" & ", (word, isLast) => Either(word, isLast, meant));

    /// <summary>The same as <see cref="Any"/>, from values.</summary>
    public Sql AnyAsValues(IReadOnlyDictionary<string, string[]> meant) => Values(" | ", (word, isLast) => Either(word, isLast, meant));

    /// <summary>
    /// What the words that are known say of the last one: <c>words</c> that begin as it does, <c>are_all</c>, whether no other does, and <c>is_open</c>, whether it may be a beginning that <see cref="WholeAsValues"/> does not look for. A statement that uses <see cref="WholeAsValues"/>,
    /// <see cref="WholeMeantAsValues"/> or <see cref="WholeAnyAsValues"/> has this as its <c>begun</c>.
    /// </summary>
    /// <remarks>An index makes a set of all that begins so, and sorts it, before it gives the first; what is whole it reads as it lies there.</remarks>
    public Sql BegunAsValues()
    {
        var (last, end) = (All[^1], All[^1] + char.ConvertFromUtf32(0x10FFFF));
        var isOpen = last.Length >= ShortestBeginning && !IsNumber(last);
        return Sql.Of($"""
            select array_agg(word) as words, count(*) <= {BeginningsKnown} and {isOpen} as are_all, {isOpen} as is_open
            from (select word from {Sql.Raw(Schema)}.search_words where word > {last} and word < {end} order by word limit {BeginningsKnown + 1}) known
            """);
    }

    /// <summary>
    /// A <c>tsquery</c> of all words, anywhere and whole, the last of them also as each that it is known to begin, if these are few. A number is looked for as a beginning all the same:
    /// hardly anything has it, so that takes no longer, and to look twice does.
    /// </summary>
    public Sql WholeAsValues() => Values(" & ", (word, isLast) => [(word, IsBegunNumber(word, isLast))], withKnown: true);

    /// <summary>What <see cref="WholeAsValues"/> is to <see cref="EverywhereAsValues"/>, to <see cref="MeantAsValues"/>.</summary>
    public Sql WholeMeantAsValues(IReadOnlyDictionary<string, string[]> meant) => Values(" & ", (word, isLast) => Either(word, IsBegunNumber(word, isLast), meant), withKnown: true);

    /// <summary>The same to <see cref="AnyAsValues"/>.</summary>
    public Sql WholeAnyAsValues(IReadOnlyDictionary<string, string[]> meant) => Values(" | ", (word, isLast) => Either(word, IsBegunNumber(word, isLast), meant), withKnown: true);

    private static bool IsBegunNumber(string word, bool isLast) => isLast && word.Length >= ShortestBeginning && IsNumber(word);

    private static bool IsNumber(string word) => word.All(char.IsDigit);

    private static IEnumerable<(string Word, bool IsBegun)> Either(string word, bool isLast, IReadOnlyDictionary<string, string[]> meant) =>
        meant.GetValueOrDefault(word, []).Select(other => (other, false)).Prepend((word, isLast && word.Length >= ShortestBeginning));

    private Sql Values(string with, Func<string, bool, IEnumerable<(string Word, bool IsBegun)>> alternatives, bool withKnown = false)
    {
        var known = withKnown
            ? Sql.Of($"union all select {All.Length - 1}, to_tsquery('{Sql.Raw(Schema)}.words'::regconfig, word)::text from begun, unnest(begun.words) as word where begun.are_all")
            : Sql.Nothing;
        var words = All.SelectMany((word, at) => alternatives(word, at == All.Length - 1).Select(one => (Place: at, one.Word, one.IsBegun))).ToArray();
        // The offset keeps a word from being looked at where it is compared and again where it is joined.
        return Sql.Of($"""
            (select coalesce(string_agg(alternatives, {Sql.Raw($"'{with}'")}), '')::tsquery from (
                select '(' || string_agg('(' || one || ')', ' | ') || ')' as alternatives
                from (
                    select place, {_wanted}(word, is_begun)::text as one
                    from unnest({Array.ConvertAll(words, word => word.Place)}, {Array.ConvertAll(words, word => word.Word)}, {Array.ConvertAll(words, word => word.IsBegun)}) as given (place, word, is_begun)
                    {known} offset 0) given
                where one <> '' group by place) each)
            """);
    }

    private Sql Or(string word, bool isLast, IReadOnlyDictionary<string, string[]> meant)
    {
        var either = Wanted(word, isLast && word.Length >= ShortestBeginning);
        foreach (var other in meant.GetValueOrDefault(word, []))
            either = $"{either} || {Wanted(other, isBegun: false)}";
        return Sql.Of($"({either})");
    }

    private Sql Wanted(string word, bool isBegun) => Sql.Of($"{_wanted}({word}, {Sql.Raw(isBegun ? "true" : "false")})");

    private Sql Join(string with, Func<string, bool, Sql> word)
    {
        var joined = word(All[0], All.Length == 1);
        for (var at = 1; at < All.Length; at++)
            joined = $"{joined}{Sql.Raw(with)}{word(All[at], at == All.Length - 1)}";
        return Sql.Of($"({joined})");
    }

    private static string Cut(string word) => word.Length <= LongestWord ? word : word[..(char.IsHighSurrogate(word[LongestWord - 1]) ? LongestWord - 1 : LongestWord)];
}
