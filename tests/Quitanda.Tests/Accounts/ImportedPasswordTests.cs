using System.Net;
using Quitanda.Accounts.Passwords;

namespace Quitanda.Tests.Accounts;

public sealed class ImportedPasswordTests(LettersApp app) : IClassFixture<LettersApp>
{
    // From crypt_blowfish's and jBCrypt's own tests; the last three were made with libxcrypt.
    [Theory]
    [InlineData("", "$2a$06$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s.")]
    [InlineData("a", "$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe")]
    [InlineData("abc", "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i")]
    [InlineData("abcdefghijklmnopqrstuvwxyz", "$2a$06$.rCVZVOThsIa97pEDOxvGuRRgzG64bvtJ0938xuqzv18d3ZpQhstC")]
    [InlineData("~!@#$%^&*()      ~!@#$%^&*()PNBFRD", "$2a$06$fPIsBO8qRqkjj273rfaOI.HtSV9jLDpTbZn782DC6/t7qT67P6FfO")]
    [InlineData("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW")]
    [InlineData("ππππππππ", "$2a$10$.TtQJ4Jr6isd4Hp.mVfZeuh6Gws4rOQ/vdBczhDx.19NFK0Y84Dle")]
    [InlineData("pão de queijo às 7", "$2b$04$abcdefghijklmnopqrstuuPdwvXmbPLyQupR7iLcXQIhO8ORzjUky")]
    [InlineData("pão de queijo às 7", "$2y$05$LhayLxezLhK1LhWvKxCyLO9oUtoF2KvGpg2sLfIUIVfXSpzzAxnva")]
    [InlineData("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "$2b$04$abcdefghijklmnopqrstuubzadhGtS2zEF.gu0yd0opP6cVzb.e0i")]
    public void The_published_vectors_verify_and_nothing_beside_them(string password, string hash)
    {
        Assert.True(Bcrypt.IsHash(hash));
        Assert.True(Bcrypt.Verify(hash, password));
        Assert.False(Bcrypt.Verify(hash, "y" + password));
        Assert.False(Bcrypt.Verify(hash[..^1] + (hash[^1] == 'O' ? 'W' : 'O'), password));
    }

    [Theory]
    [InlineData("")]
    [InlineData("$2x$06$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s.")]
    [InlineData("$2a$6$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s..")]
    [InlineData("$2a$06$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s")]
    [InlineData("$2a$06$DCq7YPn5Rq63x1Lad4cll=TV4S6ytwfsfvkgY8jIucDrjc8deX1s.")]
    public void What_has_another_form_is_no_bcrypt(string hash) => Assert.False(Bcrypt.IsHash(hash));

    [Theory]
    [InlineData("03")]
    [InlineData("15")]
    [InlineData("31")]
    public void A_cost_that_would_take_for_ever_is_not_tried(string cost) => Assert.False(Bcrypt.Verify($"$2b${cost}$abcdefghijklmnopqrstuuPdwvXmbPLyQupR7iLcXQIhO8ORzjUky", People.Password));

    [Theory]
    [InlineData("$2b$04$abcdefghijklmnopqrstuuPdwvXmbPLyQupR7iLcXQIhO8ORzjUky")]
    [InlineData("$2a$10$abcdefghijklmnopqrstuulJ0FP9ya1PwqB3SQCwtwALrHVNkBINu")]
    public async Task An_imported_hash_signs_in_and_is_made_anew(string hash)
    {
        var user = await app.Insert();
        await app.Execute($"update accounts.users set password_hash = {hash} where id = {user.Id}");

        await (await app.SignIn(user.Email!, "wrong")).Refusal(HttpStatusCode.Unauthorized);
        Assert.Equal(hash, await Stored());
        await (await app.SignIn(user.Email!)).Body();
        Assert.StartsWith("AQAAAAI", await Stored(), StringComparison.Ordinal);
        await (await app.SignIn(user.Email!)).Body();

        Task<string?> Stored() => app.Scalar<string>($"select password_hash from accounts.users where id = {user.Id}");
    }

    [Fact]
    public async Task A_hash_of_an_unknown_kind_signs_nobody_in()
    {
        var user = await app.Insert();
        await app.Execute($"update accounts.users set password_hash = '$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$c29tZWhhc2hzb21laGFzaA' where id = {user.Id}");
        Assert.Equal("invalid_credentials", await (await app.SignIn(user.Email!)).Refusal(HttpStatusCode.Unauthorized));
    }

    [Theory]
    [InlineData("password")]
    [InlineData("PassWord1")]
    [InlineData("12345678")]
    [InlineData("senha123")]
    [InlineData("flamengo")]
    public async Task Nobody_signs_up_with_one_of_the_commonest_passwords(string password)
    {
        var problem = await (await app.Guest.Post("/api/v1/auth/register", new { name = "Ana", email = People.NewEmail(), password })).Body(HttpStatusCode.BadRequest);

        Assert.Equal(("validation_failed", "password"), (problem.Text("code"), problem.GetProperty("errors").EnumerateObject().Single().Name));
        // The field's own name says nothing; any other password would.
        if (password != "password")
            Assert.DoesNotContain(password, problem.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public void Ten_thousand_are_refused() => Assert.Equal(10_000, CommonPasswords.Count);
}
