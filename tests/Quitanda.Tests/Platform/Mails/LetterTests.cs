using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Platform;
using Quitanda.Platform.Mails;

namespace Quitanda.Tests.Platform.Mails;

public sealed class LetterTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 4, 15, 5, 0, TimeSpan.Zero);

    [Fact]
    public void Every_letter_is_registered_and_says_the_same_in_both_languages()
    {
        var letters = app.Services.GetServices<IModule>().Select(module => module.GetType().Assembly).SelectMany(module => module.GetTypes()).Where(type => type.IsAssignableTo(typeof(ILetter)) && type.IsClass).ToList();
        Assert.NotEmpty(letters);
        var registered = app.Services.GetServices<LetterKind>().ToList();
        Assert.Equal(letters.Order(ByName), registered.Select(kind => kind.Letter).Order(ByName));
        Assert.Equal(registered.Count, registered.Select(kind => kind.Name).Distinct(StringComparer.Ordinal).Count());
        Assert.Empty(registered.SelectMany(kind => Differences(kind.Letter, Words(kind.Letter, nameof(ILetter.Portuguese)), Words(kind.Letter, nameof(ILetter.English)))));
        Assert.All(registered, kind => Assert.StartsWith(kind.Letter.Namespace!.Split('.')[1].ToLowerInvariant() + ".", kind.Name, StringComparison.Ordinal));
    }

    [Fact]
    public void A_letter_whose_languages_differ_is_found()
    {
        Assert.Empty(Differences(typeof(Small), "Oi {name}\n\n{#times}\nvezes {times}\n{/times}", "Hi {name}\n\n{#times}\n{times} times\n{/times}"));
        Assert.Equal(["Small: English does not say times"], Differences(typeof(Small), "Oi {name}\n\n{times} vezes", "Hi {name}\n\nHello"), StringComparer.Ordinal);
        Assert.Equal(["Small: Portuguese does not say shop"], Differences(typeof(Small), "Oi {name}\n\n{times}", "Hi {name} of {shop}\n\n{times}"), StringComparer.Ordinal);
        Assert.Equal(["Small: nobody says times"], Differences(typeof(Small), "Oi {name}\n\nOi", "Hi {name}\n\nHello"), StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("{nome}\n\nOi", "{nome} is not known")]
    [InlineData("{name.length.much}\n\nOi", "is not known")]
    [InlineData("Oi {name\n\nOi", "is not whole")]
    [InlineData("Oi\nsem linha", "begins with its subject")]
    [InlineData("Oi", "begins with its subject")]
    [InlineData("Oi\n\n{#times}\nOi", "{/times} is missing")]
    [InlineData("Oi\n\n{/times}", "ends nothing")]
    [InlineData("Oi\n\n[Abrir]({name})", "is no link")]
    [InlineData("Oi\n\n{self}", "has no text")]
    public void Words_that_nothing_stands_behind_are_found_when_they_are_read(string words, string why) =>
        Assert.Contains(why, Assert.Throws<FormatException>(() => LetterText.Parse(words, Language.Portuguese, typeof(Small))).Message, StringComparison.Ordinal);

    [Fact]
    public void One_source_becomes_plain_text_and_a_page()
    {
        var text = LetterText.Parse(Sample.Portuguese, Language.Portuguese, typeof(Sample));
        var filling = new Filling(
            new Sample("T & T", Link: new("https://loja.test/a"), Price: new(1234, "BRL"), At: Noon, Day: new(2026, 12, 1), Lines: [new(2, "Coxinha"), new(1, "Suco")], IsLoud: true),
            "Vai Coxinha", "Ana", TimeZoneInfo.FindSystemTimeZoneById("America/Sao_Paulo"));
        Assert.Equal("T & T da Vai Coxinha", text.Subject(filling));
        Assert.Equal("""
            Olá, Ana

            Primeira linha
            segunda linha, T & T

            Sem segredo.

            - ponto R$~12,34
            - outro ponto

            2 × Coxinha  T & T
            1 × Suco  T & T

            Dia 1 de dezembro de 2026, instante 4 de março de 2026, 12:05

            ALTO

            Abrir:
            https://loja.test/a

            --.
            Esta mensagem foi enviada automaticamente por Vai Coxinha.

            """.Replace('~', '\u00A0').Replace("--.", "-- ", StringComparison.Ordinal), Layout.Text(text.Body(filling), Language.Portuguese, "Vai Coxinha"));

        var html = Layout.Html(text.Body(filling), Language.Portuguese, "Vai Coxinha", text.Subject(filling));
        foreach (var piece in (string[])[
            "<html lang=\"pt-BR\">", "<title>T &amp; T da Vai Coxinha</title>", ">Olá, Ana</h1>", "Primeira linha<br>\nsegunda linha, T &amp; T</p>", "<li>ponto R$&#xA0;12,34</li>\n<li>outro ponto</li>\n</ul>",
            ">2 × Coxinha</th>", "</tr>\n</tbody>\n</table>", "<a href=\"https://loja.test/a\""])
            Assert.Contains(piece, html, StringComparison.Ordinal);
        Assert.Equal(1, html.Split("<table").Length - 1);
    }

    [Theory]
    [InlineData(0, "BRL", "R$~0,00", "R$0.00")]
    [InlineData(5, "BRL", "R$~0,05", "R$0.05")]
    [InlineData(123456789, "BRL", "R$~1.234.567,89", "R$1,234,567.89")]
    [InlineData(100000, "USD", "US$~1.000,00", "US$1,000.00")]
    [InlineData(1234, "JPY", "JPY~1.234", "JPY~1,234")]
    [InlineData(1234, "KWD", "KWD~1,234", "KWD~1.234")]
    public void Amounts_are_written_as_the_language_writes_them(long amount, string currency, string portuguese, string english)
    {
        Assert.Equal(portuguese.Replace('~', '\u00A0'), Language.Portuguese.Write(new Money(amount, currency)));
        Assert.Equal(english.Replace('~', '\u00A0'), Language.English.Write(new Money(amount, currency)));
    }

    [Fact]
    public void Instants_are_shown_on_the_shops_own_clock()
    {
        Assert.Equal("4 de março de 2026, 12:05", Language.Portuguese.Write(Noon, TimeZoneInfo.FindSystemTimeZoneById("America/Sao_Paulo")));
        Assert.Equal("March 5, 2026, 00:05", Language.English.Write(Noon, TimeZoneInfo.FindSystemTimeZoneById("Asia/Tokyo")));
    }

    private static readonly Comparer<Type> ByName = Comparer<Type>.Create((left, right) => string.CompareOrdinal(left.FullName, right.FullName));

    private static string Words(Type letter, string language) => (string)letter.GetProperty(language, BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!;

    private static IEnumerable<string> Differences(Type letter, string portuguese, string english)
    {
        var inPortuguese = LetterText.Parse(portuguese, Language.Portuguese, letter).Names;
        var inEnglish = LetterText.Parse(english, Language.English, letter).Names;
        // What is carried and never said was meant to be.
        var unsaid = letter.GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(property => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(property.Name))
            .Where(name => name != "self" && !inPortuguese.Concat(inEnglish).Any(said => said.TrimStart('#').Split('.')[0] == name));
        return [
            .. inPortuguese.Except(inEnglish, StringComparer.Ordinal).Select(name => $"{letter.Name}: English does not say {name}"),
            .. inEnglish.Except(inPortuguese, StringComparer.Ordinal).Select(name => $"{letter.Name}: Portuguese does not say {name}"),
            .. unsaid.Select(name => $"{letter.Name}: nobody says {name}")];
    }

    private sealed record Small(string Name, int? Times)
    {
        public Small? Self { get; init; }
    }
}
