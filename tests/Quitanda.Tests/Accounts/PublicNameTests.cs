using Quitanda.Accounts;

namespace Quitanda.Tests.Accounts;

public sealed class PublicNameTests
{
    [Theory]
    [InlineData("Ana Souza", null, null, "Ana S.")]
    [InlineData("Ana", null, null, "Ana")]
    [InlineData("Maria da Silva e Souza", null, null, "Maria S.")]
    [InlineData("Ana Souza", "Anastácia Maria", "Ávila", "Anastácia Á.")]
    [InlineData("Ana Souza", "Bia", null, "Bia S.")]
    [InlineData("Ana Souza", null, "lima", "Ana L.")]
    [InlineData("Jean-Luc D'Ávila", null, null, "Jean-Luc D.")]
    [InlineData("  Ana\tSouza ", null, null, "Ana S.")]
    [InlineData("José Ávila", null, null, "José Á.")]
    [InlineData("山田 太郎", null, null, "山田 太.")]
    // What an account has for want of a name.
    [InlineData("ana.souza+compras", null, null, "ana")]
    [InlineData("ana@exemplo.test", null, null, "ana")]
    [InlineData("0x2c75…5c23", null, null, null)]
    [InlineData("11987654321 12", null, null, null)]
    [InlineData("😀 Ana", null, null, null)]
    [InlineData("Ana 1987", null, null, "Ana")]
    [InlineData("-' Ana", null, null, null)]
    public void A_public_name_is_a_first_name_and_an_initial_and_never_more(string name, string? first, string? last, string? expected) =>
        Assert.Equal(expected, PublicName.Of(name, first, last));
}
